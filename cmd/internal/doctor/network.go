package doctor

import (
	"context"
	"fmt"
	"net"
	"net/netip"

	"regain.example/boot/bind"
	"regain.example/boot/dhcp"
	"regain.example/cmd/internal/config"
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
	type udp struct {
		what string
		at   netip.AddrPort
	}
	wanted := []udp{
		{"port for DHCP", netip.AddrPortFrom(netip.IPv4Unspecified(), dhcp.ServerPort)},
		{"port for TFTP", netip.AddrPortFrom(addr, 69)},
		// To look for other servers; a DHCP client would keep it.
		{"port of DHCP clients", netip.AddrPortFrom(netip.IPv4Unspecified(), dhcp.ClientPort)},
	}
	if b.Mode == config.ModeProxy {
		wanted[2] = udp{"port for PXE", netip.AddrPortFrom(addr, dhcp.BootPort)}
	}
	for _, u := range wanted {
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
