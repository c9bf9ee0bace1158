package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"

	"golang.org/x/sync/errgroup"

	"regain.example/boot/arp"
	"regain.example/boot/bind"
	"regain.example/boot/dhcp"
)

// addresses is DHCP in one of its two modes.
type addresses struct {
	iface string
	own   netip.Addr
	needs dhcp.Needs

	server *dhcp.Server // mode dhcp
	watch  *dhcp.Watch
	prober *arp.Prober

	proxy *dhcp.Proxy // mode proxy

	conn, bootConn *net.UDPConn
}

// listen binds the sockets that the mode needs, and makes what answers on them.
func (a *addresses) listen(c dhcp.Config, t *dhcp.Table, proxy bool) error {
	errs := []error{a.bind(&a.conn, netip.IPv4Unspecified(), dhcp.ServerPort)}
	if proxy {
		errs = append(errs, a.bind(&a.bootConn, a.own, dhcp.BootPort))
		a.proxy = dhcp.NewProxy(c, t, a.needs)
		return errors.Join(errs...)
	}
	errs = append(errs, a.clientPort())
	dev, err := net.InterfaceByName(a.iface)
	if err != nil {
		return errors.Join(append(errs, fmt.Errorf("bench interface %s: %w", a.iface, err))...)
	}
	c.Hardware = dev.HardwareAddr
	a.prober, err = arp.Listen(a.iface)
	errs = append(errs, err)
	a.watch = dhcp.NewWatch(func(ctx context.Context) ([]netip.Addr, error) {
		return dhcp.Probe(ctx, a.iface, a.own)
	}, a.needs.Observer, a.needs.Log)
	a.needs.Prober, a.needs.Watch = a.prober, a.watch
	a.server = dhcp.New(c, t, a.needs)
	return errors.Join(errs...)
}

func (a *addresses) bind(conn **net.UDPConn, addr netip.Addr, port uint16) error {
	var err error
	*conn, err = bind.UDP(a.iface, netip.AddrPortFrom(addr, port))
	return err
}

// clientPort finds out at the start whether other servers can be looked for: a
// DHCP client on the bench interface would keep the port, and the server would
// have to stay silent for ever.
func (a *addresses) clientPort() error {
	conn, err := bind.UDP(a.iface, netip.AddrPortFrom(netip.IPv4Unspecified(), dhcp.ClientPort))
	if err != nil {
		return fmt.Errorf("%w (it is needed to look for other DHCP servers; the bench interface has a fixed address and needs no DHCP client)", err)
	}
	return conn.Close()
}

// serve answers until ctx ends.
func (a *addresses) serve(ctx context.Context, group *errgroup.Group) {
	if a.proxy != nil {
		group.Go(func() error { return a.proxy.Serve(ctx, a.conn) })
		group.Go(func() error { return a.proxy.ServeBoot(ctx, a.bootConn) })
		return
	}
	group.Go(func() error { return a.prober.Serve(ctx) })
	group.Go(func() error { return a.watch.Run(ctx) })
	group.Go(func() error { return a.server.Serve(ctx, a.conn) })
}

func (a *addresses) close() {
	for _, c := range []*net.UDPConn{a.conn, a.bootConn} {
		if c != nil {
			c.Close()
		}
	}
	if a.prober != nil {
		a.prober.Close()
	}
}
