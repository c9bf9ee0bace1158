package cli

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net"
	"text/tabwriter"

	"regain.example/imager"
	"regain.example/imager/bootwatch"
)

func bootCommand() command {
	return command{
		name: "boot", short: "machines on their way to the agent, and what keeps them from it",
		commands: []command{bootListCommand(), bootAgainCommand()},
	}
}

func bootListCommand() command {
	var s socketFlags
	asJSON := false
	return command{
		name: "list", short: "list the machines on their way to the agent",
		flags: func(fs *flag.FlagSet) { s.bind(fs); jsonFlag(fs, &asJSON) },
		run: func(ctx context.Context, p Program, args []string) error {
			if err := noArgs(args); err != nil {
				return err
			}
			client, err := s.client()
			if err != nil {
				return err
			}
			b, err := client.Boots(ctx)
			if err != nil {
				return fmt.Errorf("list boots: %w", err)
			}
			if asJSON {
				return printJSON(p.Out, b)
			}
			return listBoots(p.Out, b)
		},
	}
}

func listBoots(w io.Writer, b imager.Boots) error {
	for _, server := range b.Rivals {
		fmt.Fprintf(w, "Another DHCP server answers on the bench network: %s. No new address is offered while it does.\n%s\n\n",
			server, bootwatch.RivalAdvice())
	}
	if len(b.Clients) == 0 {
		_, err := fmt.Fprintln(w, "No machine is on its way to the agent.")
		return err
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "MAC\tMACHINE\tFIRMWARE\tSTAGE\tSINCE (UTC)\tTRIES\tTROUBLE\tNAME")
	for _, m := range b.Clients {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%d\t%s\t%s\n", clean(m.MAC), machineOf(m), clean(m.Arch), bootwatch.Words(m.Stage),
			m.At.UTC().Format("15:04:05"), m.Tries, troubleKind(m), clean(m.Name))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, m := range b.Clients {
		if m.Trouble == nil {
			continue
		}
		if _, err := fmt.Fprintf(w, "\n%s: %s\n  %s\n", clean(m.MAC), clean(m.Trouble.Cause), clean(m.Trouble.Advice)); err != nil {
			return err
		}
	}
	return nil
}

func machineOf(b imager.Boot) string {
	if b.Machine == 0 {
		return "-"
	}
	return fmt.Sprint(b.Machine)
}

func troubleKind(b imager.Boot) string {
	if b.Trouble == nil {
		return "-"
	}
	return b.Trouble.Kind
}

func bootAgainCommand() command {
	var s socketFlags
	return command{
		name: "again", args: "MAC", short: "let a machine whose boots failed try again",
		long: `After three boots in a row that did not come to their end a machine boots nothing
more, so that it does not go in a circle while nobody looks. Do what
"regain boot list" advises, then let it try again and power it on.`,
		flags: s.bind,
		run: func(ctx context.Context, p Program, args []string) error {
			if len(args) != 1 {
				return fmt.Errorf("%w: give the MAC address of one machine; regain boot list shows them", errUsage)
			}
			mac, err := net.ParseMAC(args[0])
			if err != nil || len(mac) != 6 {
				return fmt.Errorf("%w: %q is not a MAC address such as 52:54:00:12:34:56", errUsage, args[0])
			}
			client, err := s.client()
			if err != nil {
				return err
			}
			if err := client.BootAgain(ctx, mac.String()); err != nil {
				return fmt.Errorf("boot %s again: %w", mac, err)
			}
			_, err = fmt.Fprintf(p.Out, "%s may boot again; power it on.\n", mac)
			return err
		},
	}
}
