package cli

import (
	"context"
	"flag"
	"fmt"
	"io"
	"text/tabwriter"

	"regain.example/imager"
	"regain.example/imager/admin"
)

func driveCommand() command {
	return command{
		name: "drive", short: "withdrawn drives, and evidence files",
		commands: []command{driveListCommand(), driveWithdrawCommand(), driveDestroyedCommand(), driveEvidenceCommand()},
	}
}

func driveListCommand() command {
	var s socketFlags
	asJSON := false
	return command{
		name: "list", short: "list the drives that were pulled out, those not yet destroyed first",
		flags: func(fs *flag.FlagSet) { s.bind(fs); jsonFlag(fs, &asJSON) },
		run: func(ctx context.Context, p Program, args []string) error {
			if err := noArgs(args); err != nil {
				return err
			}
			socket, err := s.find()
			if err != nil {
				return err
			}
			all, err := admin.NewClient(socket).Withdrawn(ctx)
			if err != nil {
				return fmt.Errorf("list withdrawn drives: %w", err)
			}
			if asJSON {
				return printJSON(p.Out, all)
			}
			return listWithdrawn(p.Out, all)
		},
	}
}

func listWithdrawn(w io.Writer, all []imager.Withdrawn) error {
	if len(all) == 0 {
		_, err := fmt.Fprintln(w, "No drive was withdrawn.")
		return err
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "ID\tSEAL\tSERIAL\tMODEL\tMACHINE\tWITHDRAWN\tBY\tSTATE\tWHY")
	for _, d := range all {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%d\t%s\t%s\t%s\t%s\n", d.ID, clean(d.Seal), clean(d.Serial), clean(d.Model), d.Machine,
			d.At.UTC().Format("2006-01-02"), clean(d.By), withdrawnState(d), clean(d.Reason))
	}
	return t.Flush()
}

func withdrawnState(d imager.Withdrawn) string {
	if d.Destroyed == nil {
		return "under seal"
	}
	return fmt.Sprintf("destroyed %s by %s: %s", d.Destroyed.At.UTC().Format("2006-01-02"), clean(d.Destroyed.Who), clean(d.Destroyed.How))
}
