package cli

import (
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
	return listCommand("list the drives that were pulled out, those not yet destroyed first", "withdrawn drives",
		(*admin.Client).Withdrawn, listWithdrawn)
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
