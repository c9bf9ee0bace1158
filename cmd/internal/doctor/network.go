package doctor

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"

	"regain.example/boot/bind"
)

// iface checks that the bench interface is there, up, and has the address.
func (d *Doctor) iface(context.Context) []Finding {
	const what = "bench interface"
	b := d.Config.Bench
	i, err := net.InterfaceByName(b.Interface)
	if err != nil {
		return one(Fail, what, "there is no interface "+b.Interface, "name the right one in bench.interface; ip -brief link lists them")
	}
	if i.Flags&net.FlagUp == 0 {
		return one(Fail, what, b.Interface+" is down", "ip link set "+b.Interface+" up")
	}
	addrs, err := i.Addrs()
	if err != nil {
		return one(Fail, what, err.Error(), "")
	}
	found := false
	for _, a := range addrs {
		p, err := netip.ParsePrefix(a.String())
		found = found || err == nil && p == b.Address
	}
	if !found {
		return one(Fail, what, fmt.Sprintf("%s does not have the address %s", b.Interface, b.Address),
			fmt.Sprintf("ip address add %s dev %s", b.Address, b.Interface))
	}
	if i.Flags&net.FlagRunning == 0 {
		return one(Warn, what, b.Interface+" has no carrier", "plug in the cable to the bench's switch")
	}
	return one(OK, what, fmt.Sprintf("%s is up and has %s", b.Interface, b.Address), "")
}

// ports checks that every port is free, or the running controller's.
func (d *Doctor) ports(context.Context) []Finding {
	if d.Running {
		return one(OK, "ports", "in use by the running controller", "")
	}
	b := d.Config.Bench
	if _, err := net.InterfaceByName(b.Interface); err != nil {
		return one(Fail, "ports", "not examined: there is no bench interface", "")
	}
	addr := b.Address.Addr()
	var all []Finding
	try := func(what string, close func() error, err error) {
		if err == nil {
			err = close()
		}
		if err != nil {
			all = append(all, Finding{Fail, what, err.Error(), ""})
		}
	}
	for _, u := range []struct {
		what string
		at   netip.AddrPort
	}{
		{"port for DHCP", netip.AddrPortFrom(netip.IPv4Unspecified(), 67)},
		{"port for TFTP", netip.AddrPortFrom(addr, 69)},
	} {
		c, err := bind.UDP(b.Interface, u.at)
		try(u.what, closer(c), err)
	}
	for _, t := range []struct {
		what string
		port int
	}{{"port for boot files", b.HTTPPort}, {"port for agents", b.AgentPort}} {
		l, err := bind.TCP(b.Interface, netip.AddrPortFrom(addr, uint16(t.port)))
		try(t.what, closer(l), err)
	}
	l, err := net.Listen("tcp", d.Config.Admin.Listen)
	try("port for people", closer(l), err)
	if all == nil {
		return one(OK, "ports", "all are free", "")
	}
	return all
}

// closer lets a nil socket, which comes with an error, pass.
func closer(c interface{ Close() error }) func() error {
	return func() error { return c.Close() }
}

// otherDHCP checks that nobody else gives addresses on the bench network: two
// servers give a machine now this, now that.
func (d *Doctor) otherDHCP(ctx context.Context) []Finding {
	const what = "other DHCP servers"
	if _, err := net.InterfaceByName(d.Config.Bench.Interface); err != nil {
		return one(Fail, what, "not looked for: there is no bench interface", "")
	}
	found, err := d.Probe(ctx, d.Config.Bench.Interface)
	if errors.Is(err, context.Canceled) {
		return one(Fail, what, "interrupted", "run it again")
	}
	if err != nil {
		return one(Warn, what, "could not be looked for: "+err.Error(), "run regain doctor as root")
	}
	var others []string
	for _, a := range found {
		if a != d.Config.Bench.Address.Addr() {
			others = append(others, a.String())
		}
	}
	if len(others) > 0 {
		return one(Fail, what, strings.Join(others, ", ")+" answers on "+d.Config.Bench.Interface,
			"take it off the bench network: the bench must be isolated, and Regain its only DHCP server")
	}
	return one(OK, what, "none answers on "+d.Config.Bench.Interface, "")
}
