package doctor

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"

	"golang.org/x/sys/unix"

	"regain.example/cmd/internal/config"
)

// otherDHCP checks who else gives addresses on the bench network. In mode "dhcp"
// nobody may: two servers give a machine now this, now that. In mode "proxy" the
// site's server must.
func (d *Doctor) otherDHCP(ctx context.Context) []Finding {
	const what = "other DHCP servers"
	b := d.Config.Bench
	if _, err := net.InterfaceByName(b.Interface); err != nil {
		return one(Fail, what, "not looked for: there is no bench interface", "")
	}
	found, err := d.Probe(ctx, b.Interface)
	switch {
	case errors.Is(err, context.Canceled):
		return one(Fail, what, "interrupted", "run it again")
	case errors.Is(err, unix.EADDRINUSE) && d.Running:
		return one(Warn, what, "not looked for: the running controller may be looking just now", "run it again in ten seconds; the progress page shows what the controller found")
	case err != nil:
		return one(Warn, what, "could not be looked for: "+err.Error(), "run regain doctor as root")
	}
	others := others(found, b.Address.Addr())
	if b.Mode == config.ModeProxy {
		return siteDHCP(what, others, b.Interface)
	}
	if others != "" {
		return one(Fail, what, others+" answers on "+b.Interface,
			"take it off the bench network, or, if it is the site's own and is to stay, set bench.mode to \"proxy\"; Regain offers no address while it answers")
	}
	return one(OK, what, "none answers on "+b.Interface, "")
}

// siteDHCP judges what was found in mode "proxy".
func siteDHCP(what, others, iface string) []Finding {
	if others == "" {
		return one(Fail, what, "none answers on "+iface+", and in mode \"proxy\" machines have their addresses from the site's server",
			"start the site's DHCP server, or set bench.mode to \"dhcp\"; a server that knows its machines may keep silent to this host")
	}
	return one(OK, what, others+" gives the addresses on "+iface, "")
}

func others(found []netip.Addr, own netip.Addr) string {
	var others []string
	for _, a := range found {
		if a != own {
			others = append(others, a.String())
		}
	}
	return strings.Join(others, ", ")
}
