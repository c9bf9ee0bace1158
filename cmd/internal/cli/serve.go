package cli

import (
	"context"
	"errors"
	"flag"
	"io"

	"regain.example/cmd/internal/appliance"
	"regain.example/cmd/internal/config"
)

const serveLong = `
Serves the bench network (DHCP, TFTP, HTTP and the agent API on the bench
interface, and on no other) and the people (progress page, metrics, admin
socket). All sockets are bound before the first machine is answered.

The address of the progress page is printed on standard output; so is, if there
is no account yet, a link that makes the first one. The log goes to standard
error. SIGTERM and Ctrl-C stop it; machines at work go on and report later.

A listener for the progress page may be handed over by systemd's socket
activation under the name "admin" (LISTEN_FDS, LISTEN_FDNAMES).

Profiles, which say what is done to a machine, stand in the configuration file
only. --example prints a file that explains every setting.`

func serveCommand() command {
	var s settings
	example := false
	return command{
		name: "serve", short: "run the controller", long: serveLong,
		flags: func(fs *flag.FlagSet) {
			s.bind(fs)
			fs.BoolVar(&example, "example", false, "print a configuration file with every setting, explained, and do nothing else")
		},
		run: func(ctx context.Context, p Program, args []string) error {
			if err := noArgs(args); err != nil {
				return err
			}
			if example {
				_, err := io.WriteString(p.Out, config.Example())
				return err
			}
			c, err := s.load()
			if err != nil {
				return err
			}
			a, err := appliance.New(ctx, c, p.Version, p.buildTime(), c.Log.Logger(p.Err))
			if err != nil {
				return err
			}
			if err := a.Announce(ctx, p.Out); err != nil {
				return errors.Join(err, a.Close())
			}
			return errors.Join(a.Serve(ctx), a.Close())
		},
	}
}
