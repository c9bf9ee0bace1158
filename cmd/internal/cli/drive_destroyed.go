package cli

import (
	"context"
	"flag"
	"fmt"
	"time"

	"regain.example/imager"
	"regain.example/imager/admin"
)

const destroyedLong = `
Records the end of a withdrawn drive: who destroyed it, when and how. ID is that of
"regain drive list". It is confirmed by the number of its seal.`

func driveDestroyedCommand() command {
	var s socketFlags
	var who, how, on, seal string
	return command{
		name: "destroyed", args: "ID", short: "record that a withdrawn drive was destroyed", long: destroyedLong,
		flags: func(fs *flag.FlagSet) {
			s.bind(fs)
			fs.StringVar(&who, "who", "", "`name` of the person or company that destroyed it")
			fs.StringVar(&how, "how", "", "`how`, such as \"shredded to 6 mm\"")
			fs.StringVar(&on, "on", "", "`time` of it, as 2026-11-22T14:30:00Z; none: now")
			fs.StringVar(&seal, "seal", "", "`number` of the seal that it was under, to confirm")
		},
		run: func(ctx context.Context, p Program, args []string) error {
			if len(args) != 1 || who == "" || how == "" || seal == "" {
				return fmt.Errorf("%w: give the ID of one drive, --who, --how and --seal; regain drive list shows them", errUsage)
			}
			end := imager.Destruction{Who: who, How: how}
			if on != "" {
				at, err := time.Parse(time.RFC3339, on)
				if err != nil {
					return fmt.Errorf("%w: --on: %q is not a time such as 2026-11-22T14:30:00Z", errUsage, on)
				}
				end.At = at
			}
			client, err := s.client()
			if err != nil {
				return err
			}
			d, err := destroy(ctx, client, args[0], seal, end)
			if err != nil {
				return fmt.Errorf("record destruction: %w", err)
			}
			_, err = fmt.Fprintf(p.Out, "Drive %s, seal %s, is destroyed: %s, by %s.\n", clean(d.Serial), clean(d.Seal), clean(how), clean(who))
			return err
		},
	}
}

func destroy(ctx context.Context, c *admin.Client, id, seal string, end imager.Destruction) (imager.Withdrawn, error) {
	all, err := c.Withdrawn(ctx)
	if err != nil {
		return imager.Withdrawn{}, err
	}
	for _, d := range all {
		switch {
		case d.ID != id:
			continue
		case d.Seal != seal:
			return d, fmt.Errorf("drive %s is not under seal %q: %w: nothing was recorded", id, seal, imager.ErrInvalid)
		}
		return d, c.Destroyed(ctx, id, end)
	}
	return imager.Withdrawn{}, fmt.Errorf("withdrawn drive %q: %w: regain drive list shows them", id, imager.ErrNotFound)
}
