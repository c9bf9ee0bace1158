package cli

import (
	"context"
	"flag"
	"fmt"
	"runtime"

	"regain.example/agent/api"
	"regain.example/imager/bolt"
)

func versionCommand() command {
	asJSON := false
	return command{
		name: "version", short: "print the versions of the program, the wire and the store",
		flags: func(fs *flag.FlagSet) { jsonFlag(fs, &asJSON) },
		run: func(_ context.Context, p Program, args []string) error {
			if err := noArgs(args); err != nil {
				return err
			}
			if asJSON {
				return printJSON(p.Out, map[string]any{
					"version": p.Version, "built": p.Built, "wire": api.Version, "store": bolt.Schema, "go": runtime.Version(),
				})
			}
			_, err := fmt.Fprintf(p.Out, "regain %s (wire %d, store %d, %s)\n", p.Version, api.Version, bolt.Schema, runtime.Version())
			return err
		},
	}
}
