package cli

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/netip"
	"time"

	"regain.example/boot/dhcp"
	"regain.example/cmd/internal/config"
	"regain.example/cmd/internal/doctor"
	"regain.example/imager/admin"
)

// errSick is returned when a check failed; the report is printed by then.
var errSick = errors.New("the appliance is not in order")

const doctorLong = `
Examines clock, state directory, free space, boot files, master images, bench
interface, routing and ports, and looks for another DHCP server on the bench
network. It changes nothing. Each line is ok, warn or fail, with what to do. The exit status
is 1 if a line is fail.`

func doctorCommand() command {
	var s settings
	asJSON := false
	return command{
		name: "doctor", short: "check the appliance and say what to do", long: doctorLong,
		flags: func(fs *flag.FlagSet) { s.bind(fs); jsonFlag(fs, &asJSON) },
		run: func(ctx context.Context, p Program, args []string) error {
			if err := noArgs(args); err != nil {
				return err
			}
			c, err := s.load()
			if err != nil {
				return err
			}
			findings := examine(ctx, p, c)
			if asJSON {
				err = printJSON(p.Out, findings)
			} else {
				err = printFindings(p.Out, findings)
			}
			if err == nil && doctor.Worst(findings) == doctor.Fail {
				err = errSick
			}
			return err
		},
	}
}

func examine(ctx context.Context, p Program, c config.Config) []doctor.Finding {
	_, err := admin.NewClient(c.Admin.Socket).Profiles(ctx)
	d := doctor.Doctor{
		Config: c, Running: err == nil, Built: p.buildTime(), Now: time.Now,
		Probe: func(ctx context.Context, iface string) ([]netip.Addr, error) { return dhcp.Probe(ctx, iface) },
	}
	return d.Examine(ctx)
}

func printFindings(w io.Writer, all []doctor.Finding) error {
	for _, f := range all {
		if _, err := fmt.Fprintf(w, "%-4s  %s: %s\n", f.Level, f.What, clean(f.Text)); err != nil {
			return err
		}
		if f.Advice != "" {
			fmt.Fprintf(w, "      -> %s\n", f.Advice)
		}
	}
	return nil
}
