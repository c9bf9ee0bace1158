package cli

import (
	"context"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"regain.example/agent/api"
	"regain.example/imager"
	"regain.example/imager/admin"
)

func machineListCommand() command {
	return listCommand("list the machines", "machines", (*admin.Client).Machines, listMachines)
}

func listMachines(w io.Writer, views []imager.View) error {
	if len(views) == 0 {
		_, err := fmt.Fprintln(w, "No machine yet. Plug one into the bench network and start it from the network.")
		return err
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "NUMBER\tMACHINE\tSERIAL\tDRIVES\tSTATE\tDONE\tAGENT\tWAITS FOR")
	for _, v := range views {
		fmt.Fprintf(t, "%d\t%s\t%s\t%d\t%s\t%s\t%s\t%s\n", v.Machine.Number, clean(v.Machine.Name()),
			clean(v.Machine.Inventory.System.Serial), len(present(v)), state(v), done(v), agent(v), clean(v.Waiting))
	}
	return t.Flush()
}

func machineShowCommand() command {
	var s socketFlags
	asJSON := false
	return command{
		name: "show", args: "NUMBER", short: "show one machine: its drives, its job, what happened",
		flags: func(fs *flag.FlagSet) { s.bind(fs); jsonFlag(fs, &asJSON) },
		run: func(ctx context.Context, p Program, args []string) error {
			n, err := machineNumber(args)
			if err != nil {
				return err
			}
			client, err := s.client()
			if err != nil {
				return err
			}
			v, err := client.Machine(ctx, n)
			if err != nil {
				return fmt.Errorf("show machine %d: %w", n, err)
			}
			if asJSON {
				return printJSON(p.Out, v)
			}
			return showMachine(p.Out, v)
		},
	}
}

func showMachine(w io.Writer, v imager.View) error {
	inv := v.Machine.Inventory
	fmt.Fprintf(w, "Machine %d: %s, serial %s, %s\n", v.Machine.Number, clean(v.Machine.Name()), clean(inv.System.Serial), agent(v))
	fmt.Fprintf(w, "State: %s\n", state(v))
	if v.Job != nil && v.Job.Reason != "" {
		fmt.Fprintf(w, "Reason: %s\n", clean(v.Job.Reason))
	}
	if v.Waiting != "" {
		fmt.Fprintf(w, "Waits for: %s\n", clean(v.Waiting))
	}
	if v.Trouble != nil {
		fmt.Fprintf(w, "Does not boot: %s\nAdvice: %s\n", clean(v.Trouble.Cause), clean(v.Trouble.Advice))
	}
	for _, why := range v.Blocked {
		fmt.Fprintf(w, "Cannot be approved: %s\n", clean(why))
	}
	if v.Job != nil {
		showJob(w, v)
	}
	fmt.Fprintln(w, "Drives:")
	for _, d := range present(v) {
		fmt.Fprintf(w, "  %s\n    ID %s\n", describeDrive(d), quote(string(d.ID())))
		if j := ofJob(v, d.ID()); j != nil {
			showVerdict(w, v, *j)
		}
	}
	for _, j := range gone(v) {
		fmt.Fprintf(w, "  %s\n    not in the machine any more\n", describeDrive(j.Drive))
		showVerdict(w, v, *j)
	}
	for _, d := range inv.Drives {
		if d.Excluded != "" {
			fmt.Fprintf(w, "  %s\n    left alone: %s\n", describeDrive(d), clean(d.Excluded))
		}
	}
	fmt.Fprintln(w, "What happened, newest first:")
	for _, e := range v.Log {
		fmt.Fprintf(w, "  %s  %s  %s\n", e.At.UTC().Format("2006-01-02 15:04:05Z"), clean(e.Actor), clean(e.Text))
	}
	return nil
}

func showJob(w io.Writer, v imager.View) {
	fmt.Fprintf(w, "Job %s: profile %s, approved by %s\n", v.Job.ID, v.Job.Profile.Name, v.Job.ApprovedBy)
	if !v.Job.State.Ended() {
		return
	}
	fmt.Fprintf(w, "It ended at %s.\n", v.Job.Ended.UTC().Format("2006-01-02 15:04:05Z"))
	if v.Machine.LastSeen.After(v.Job.Ended) {
		fmt.Fprintln(w, "The machine was started since then: what is said of its drives is of that time, not of now.")
	}
}

// present are the drives that an approval must name.
func present(v imager.View) (drives []api.Drive) {
	for _, d := range v.Machine.Inventory.Drives {
		if d.Excluded == "" {
			drives = append(drives, d)
		}
	}
	return drives
}

// gone are the drives of the job that the machine has no more.
func gone(v imager.View) (drives []*imager.JobDrive) {
	if v.Job == nil {
		return nil
	}
	for _, j := range v.Job.Drives {
		if !slices.ContainsFunc(present(v), func(d api.Drive) bool { return d.ID() == j.ID }) {
			drives = append(drives, j)
		}
	}
	return drives
}

func ofJob(v imager.View, id api.DriveID) *imager.JobDrive {
	if v.Job == nil {
		return nil
	}
	for _, d := range v.Job.Drives {
		if d.ID == id {
			return d
		}
	}
	return nil
}

func describeDrive(d api.Drive) string {
	serial := clean(d.Serial)
	if strings.TrimSpace(serial) == "" {
		serial = "none"
	}
	return fmt.Sprintf("%s, %s, serial %s, %.1f GB, at %s (%s)", clean(d.Model), d.Bus, serial,
		float64(d.SizeBytes)/1e9, clean(d.Location), clean(d.Node))
}

func state(v imager.View) string {
	switch {
	case v.Machine.Halted != "":
		return "halted"
	case v.Job == nil:
		return "waiting"
	}
	return string(v.Job.State)
}

func agent(v imager.View) string {
	if v.Online {
		return "connected"
	}
	return "away"
}

// done is the progress of the slowest drive in its phase, in percent.
func done(v imager.View) string {
	if v.Progress == nil || v.Job == nil || v.Job.State.Ended() {
		return "-"
	}
	least := -1.0
	for _, d := range v.Progress.Drives {
		if d.Total == 0 {
			continue
		}
		if part := float64(d.Done) / float64(d.Total) * 100; least < 0 || part < least {
			least = part
		}
	}
	if least < 0 {
		return "-"
	}
	return fmt.Sprintf("%.0f %%", least)
}
