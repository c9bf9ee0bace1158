package cli

import (
	"context"
	"flag"
	"fmt"
	"io"
	"strings"

	"regain.example/agent/api"
	"regain.example/imager"
	"regain.example/imager/admin"
)

const approveLong = `
Approves one machine with every one of its drives, for one job. The drives are
erased for ever.

Name each drive with --drive, by its ID as "regain machine show" prints it. If
one is missing, or is not there, nothing is approved. Without --drive, the drives
are shown and the exact command is printed; nothing is approved. --all-drives
--yes shows the drives and approves just these.`

// approveFlags are what a person says in an approval.
type approveFlags struct {
	profile string
	system  string
	code    string
	drives  driveFlags
	all     bool
	yes     bool
	json    bool
}

func machineApproveCommand() command {
	var s socketFlags
	var f approveFlags
	return command{
		name: "approve", args: "NUMBER", short: "approve a machine and its drives for erasure", long: approveLong,
		flags: func(fs *flag.FlagSet) {
			s.bind(fs)
			fs.StringVar(&f.profile, "profile", "", "`name` of what is to be done; may be left out if there is only one")
			fs.Var(&f.drives, "drive", "`ID` of a drive to erase; once for each drive of the machine")
			fs.StringVar(&f.system, "system", "", "`ID` of the drive that gets the image; none: the controller chooses")
			fs.StringVar(&f.code, "code", "", "the `code` on the screen of a machine that was started from a stick")
			fs.BoolVar(&f.all, "all-drives", false, "show all drives; with --yes, approve them")
			fs.BoolVar(&f.yes, "yes", false, "with --all-drives: approve the drives that are shown")
			jsonFlag(fs, &f.json)
		},
		run: func(ctx context.Context, p Program, args []string) error {
			n, err := machineNumber(args)
			if err != nil {
				return err
			}
			client, err := s.client()
			if err != nil {
				return err
			}
			return f.approve(ctx, p, client, n)
		},
	}
}

func (f *approveFlags) approve(ctx context.Context, p Program, c *admin.Client, n int) error {
	if len(f.drives) > 0 && f.all {
		return fmt.Errorf("%w: give either --drive or --all-drives", errUsage)
	}
	profile, err := f.chosen(ctx, c)
	if err != nil {
		return err
	}
	drives := []api.DriveID(f.drives)
	if len(drives) == 0 {
		v, err := c.Machine(ctx, n)
		if err != nil {
			return err
		}
		drives = f.show(p, v, profile)
		if !f.all || !f.yes {
			return errConfirm
		}
	}
	job, err := c.Approve(ctx, imager.Approval{Machine: n, Profile: profile, Drives: drives, System: api.DriveID(f.system), Code: f.code})
	if err != nil {
		return err
	}
	if f.json {
		return printJSON(p.Out, job)
	}
	_, err = fmt.Fprintf(p.Out, "Machine %d is approved: job %s, profile %s, %d drives.\n", n, job.ID, profile, len(drives))
	return err
}

// chosen is the profile that was named, or the only one.
func (f *approveFlags) chosen(ctx context.Context, c *admin.Client) (string, error) {
	if f.profile != "" {
		return f.profile, nil
	}
	all, err := c.Profiles(ctx)
	if err != nil {
		return "", err
	}
	if len(all) == 1 {
		return all[0].Name, nil
	}
	var names []string
	for _, p := range all {
		names = append(names, p.Name)
	}
	return "", fmt.Errorf("%w: say what is to be done with --profile, one of: %s", errUsage, strings.Join(names, ", "))
}

// show prints the drives, and the command that approves them, and returns them.
func (f *approveFlags) show(p Program, v imager.View, profile string) (ids []api.DriveID) {
	w := p.Out
	if f.json {
		w = p.Err
	}
	drives := present(v)
	fmt.Fprintf(w, "Machine %d: %s. These drives would be erased for ever:\n", v.Machine.Number, clean(v.Machine.Name()))
	for _, d := range drives {
		fmt.Fprintf(w, "  %s\n", describeDrive(d))
		ids = append(ids, d.ID())
	}
	if len(drives) == 0 {
		fmt.Fprintln(w, "  (none was found)")
	}
	for _, why := range v.Blocked {
		fmt.Fprintf(w, "It cannot be approved as it is: %s\n", clean(why))
	}
	if !f.all || !f.yes {
		f.exact(w, v, profile, ids)
	}
	return ids
}

func (f *approveFlags) exact(w io.Writer, v imager.View, profile string, ids []api.DriveID) {
	fmt.Fprintf(w, "Nothing is approved yet. To approve exactly these:\n\n  regain machine approve %d --profile %s", v.Machine.Number, quote(profile))
	for _, id := range ids {
		fmt.Fprintf(w, " \\\n    --drive %s", quote(string(id)))
	}
	if f.system != "" {
		fmt.Fprintf(w, " \\\n    --system %s", quote(f.system))
	}
	if v.Enrolment == imager.EnrolCode {
		fmt.Fprint(w, " \\\n    --code CODE-ON-ITS-SCREEN")
	}
	fmt.Fprintln(w)
}

// driveFlags collects --drive.
type driveFlags []api.DriveID

// String joins the drives.
func (d *driveFlags) String() string { return fmt.Sprint([]api.DriveID(*d)) }

// Set adds one.
func (d *driveFlags) Set(s string) error {
	if strings.TrimSpace(s) == "" {
		return fmt.Errorf("a drive's ID is not empty")
	}
	*d = append(*d, api.DriveID(s))
	return nil
}
