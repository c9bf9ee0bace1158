package cli

import (
	"context"
	"flag"
	"fmt"

	"regain.example/agent/api"
	"regain.example/imager"
)

const withdrawLong = `
Declares that a drive was pulled out of a machine, put under a numbered seal and
set aside, because it cannot be erased here. It is followed until it is
destroyed. Model and reason may be left out if the serial is that of a drive of
the machine's last job.

Without --yes, what would be declared is shown, and nothing is recorded.`

func driveWithdrawCommand() command {
	var s socketFlags
	var d imager.Withdrawn
	var id string
	yes, asJSON := false, false
	return command{
		name: "withdraw", args: "NUMBER", short: "declare that a drive was pulled out of a machine", long: withdrawLong,
		flags: func(fs *flag.FlagSet) {
			s.bind(fs)
			fs.StringVar(&d.Serial, "serial", "", "`serial` as printed on the drive's label")
			fs.StringVar(&d.Seal, "seal", "", "`number` of the seal or bag that it was put under")
			fs.StringVar(&d.Reason, "reason", "", "why: a `text`; none: the verdict's")
			fs.StringVar(&d.Model, "model", "", "`model`; none: the machine's word for it")
			fs.StringVar(&id, "drive", "", "`ID` of the drive, as regain machine show prints it; none: found by its serial")
			fs.BoolVar(&yes, "yes", false, "the drive is out of the machine and under its seal")
			jsonFlag(fs, &asJSON)
		},
		run: func(ctx context.Context, p Program, args []string) (err error) {
			if d.Machine, err = machineNumber(args); err != nil {
				return err
			}
			if d.Serial == "" && id == "" || d.Seal == "" {
				return fmt.Errorf("%w: give --serial and --seal", errUsage)
			}
			if !yes {
				fmt.Fprintf(p.Out, "Drive %s, out of machine %d, under seal %s. Nothing is recorded yet.\nIf it is out and sealed, say so with --yes.\n",
					clean(d.Serial+id), d.Machine, clean(d.Seal))
				return errConfirm
			}
			client, err := s.client()
			if err != nil {
				return err
			}
			d.Drive = api.DriveID(id)
			made, err := client.Withdraw(ctx, d)
			if err != nil {
				return fmt.Errorf("withdraw drive: %w", err)
			}
			if asJSON {
				return printJSON(p.Out, made)
			}
			_, err = fmt.Fprintf(p.Out, "Drive %s, serial %s, is withdrawn under seal %s. Its ID: %s\n", clean(made.Model), clean(made.Serial), clean(made.Seal), made.ID)
			return err
		},
	}
}
