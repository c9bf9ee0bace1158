package cli

import (
	"context"
	"flag"
	"fmt"
	"io"

	"regain.example/imager/admin"
)

// listCommand lists what the controller has of one kind, called things, for people
// or as JSON.
func listCommand[T any](short, things string, fetch func(*admin.Client, context.Context) ([]T, error), print func(io.Writer, []T) error) command {
	var s socketFlags
	asJSON := false
	return command{
		name: "list", short: short,
		flags: func(fs *flag.FlagSet) { s.bind(fs); jsonFlag(fs, &asJSON) },
		run: func(ctx context.Context, p Program, args []string) error {
			if err := noArgs(args); err != nil {
				return err
			}
			client, err := s.client()
			if err != nil {
				return err
			}
			all, err := fetch(client, ctx)
			if err != nil {
				return fmt.Errorf("list %s: %w", things, err)
			}
			if asJSON {
				return printJSON(p.Out, all)
			}
			return print(p.Out, all)
		},
	}
}
