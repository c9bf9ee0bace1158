package dhcp

import (
	"context"
	"net"
	"net/netip"

	"github.com/insomniacslk/dhcp/dhcpv4"

	"regain.example/boot"
)

// Proxy adds to the offers of the site's DHCP server what firmware and iPXE load
// (PXE 2.1 section 2.2). It gives no address, and an operating system never hears
// of it. Who has which address it learns from the requests that it overhears.
type Proxy struct {
	answerer
	table *Table
}

// NewProxy returns a proxy that takes down the machines' addresses in table, which
// has no pool.
func NewProxy(c Config, t *Table, n Needs) *Proxy {
	x := &Proxy{answerer: newAnswerer(c, n), table: t}
	x.proxy = true
	return x
}

// Serve answers what comes in on conn, port 67, until ctx ends. It closes conn.
func (x *Proxy) Serve(ctx context.Context, conn net.PacketConn) error {
	return x.serve(ctx, conn, x.handle)
}

// ServeBoot answers what comes in on conn, port 4011, until ctx ends. It closes
// conn.
func (x *Proxy) ServeBoot(ctx context.Context, conn net.PacketConn) error {
	return x.serve(ctx, conn, x.handleBoot)
}

// handle answers one packet on port 67.
func (x *Proxy) handle(ctx context.Context, packet []byte, _ netip.AddrPort) (*dhcpv4.DHCPv4, netip.AddrPort) {
	r, ok := x.open(packet)
	if !ok {
		return nil, netip.AddrPort{}
	}
	r.client = x.table.Recall(r.client)
	switch r.MessageType() {
	case dhcpv4.MessageTypeDiscover:
		return x.discover(ctx, r)
	case dhcpv4.MessageTypeRequest:
		x.overhear(ctx, r)
	case dhcpv4.MessageTypeInform:
		return x.inform(ctx, r)
	}
	return nil, netip.AddrPort{}
}

func (x *Proxy) discover(ctx context.Context, r request) (*dhcpv4.DHCPv4, netip.AddrPort) {
	if r.kind == kindSystem {
		return nil, netip.AddrPort{}
	}
	l := x.loader(ctx, r)
	x.reached(r, boot.StageOffer, l, "")
	if l.file == "" {
		return nil, netip.AddrPort{}
	}
	return x.reply(r, dhcpv4.MessageTypeOffer, l), r.replyTo()
}

// overhear learns from a broadcast request which address the machine takes. An
// operating system's counts only if the machine has booted from here: the site's
// other computers are nobody's business.
func (x *Proxy) overhear(ctx context.Context, r request) {
	a := r.current()
	if a.IsUnspecified() {
		a = addr(r.RequestedIPAddress())
	}
	if r.kind == kindSystem && !x.table.Knows(r.client.MAC) {
		return
	}
	detail := ""
	if server := addr(r.ServerIdentifier()); !server.IsUnspecified() {
		detail = "from the DHCP server " + server.String()
	}
	if x.learn(&r, a) {
		x.reached(r, boot.StageAddress, x.loader(ctx, r), detail)
	}
}

// learn takes down that the machine has address a. A failure to write leaves it
// in memory: no address is promised by that, and the machine's next start brings
// it again.
func (x *Proxy) learn(r *request, a netip.Addr) bool {
	if !x.config.Address.Contains(a) && r.relay().IsUnspecified() || a == x.config.Address.Addr() || !usual(a) {
		x.log.Debug("address passed over", "machine", r.client.MAC.String(), "addr", a.String())
		return false
	}
	r.client.Addr = a
	if err := x.table.Note(r.client, a); err != nil {
		x.warn("a machine's address is not saved", "machine", r.client.MAC.String(), "err", err)
	}
	return true
}

// usual reports whether a machine can have the address.
func usual(a netip.Addr) bool {
	return a.Is4() && a.IsGlobalUnicast()
}

// inform answers firmware that has its address already, and agents that ask for
// their controller.
func (x *Proxy) inform(ctx context.Context, r request) (*dhcpv4.DHCPv4, netip.AddrPort) {
	current := r.current()
	if !x.config.Address.Contains(current) || r.kind == kindSystem && !asksForController(r.DHCPv4) {
		return nil, netip.AddrPort{}
	}
	return x.reply(r, dhcpv4.MessageTypeAck, x.loader(ctx, r)), netip.AddrPortFrom(current, ClientPort)
}
