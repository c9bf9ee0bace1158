package dhcp

import (
	"context"
	"errors"
	"net/netip"

	"github.com/insomniacslk/dhcp/dhcpv4"

	"regain.example/boot"
)

// handle answers one packet.
func (s *Server) handle(ctx context.Context, packet []byte, _ netip.AddrPort) (*dhcpv4.DHCPv4, netip.AddrPort) {
	r, ok := s.open(packet)
	if !ok || s.own(r) {
		return nil, netip.AddrPort{}
	}
	n, ok := s.config.network(r.relay(), r.current())
	if !ok {
		s.warn("a DHCP relay whose network is not configured; add it as bench.relay, or take the relay away",
			"relay", r.relay().String(), "machine", r.client.MAC.String())
		return nil, netip.AddrPort{}
	}
	r.client = s.table.Recall(r.client)
	switch r.MessageType() {
	case dhcpv4.MessageTypeDiscover:
		return s.discover(ctx, r, n)
	case dhcpv4.MessageTypeRequest:
		return s.request(ctx, r, n)
	case dhcpv4.MessageTypeInform:
		return s.inform(ctx, r, n)
	case dhcpv4.MessageTypeRelease:
		s.saved(r, s.table.Release(r.client.MAC, r.current()))
	case dhcpv4.MessageTypeDecline:
		s.decline(r)
	}
	return nil, netip.AddrPort{}
}

// discover offers an address.
func (s *Server) discover(ctx context.Context, r request, n Network) (*dhcpv4.DHCPv4, netip.AddrPort) {
	mac := r.client.MAC
	if !s.table.Holds(mac, n.Pool) {
		if why, forbidden := s.watch.forbids(); forbidden {
			return s.withhold(r, why)
		}
		if s.crowded(r) {
			return nil, netip.AddrPort{}
		}
	}
	a, err := s.free(ctx, r, n)
	if errors.Is(err, ErrPoolFull) {
		s.warn("no address for a machine; widen the pool, or wait until leases end", "machine", mac.String(), "err", err)
		return s.withhold(r, "no address is free: the pool is full")
	}
	if err != nil {
		return s.refuse(r, a, err)
	}
	r.client.Addr = a
	l := s.loader(ctx, r)
	s.reached(r, boot.StageOffer, l, "")
	return s.reply(r, dhcpv4.MessageTypeOffer, n, l), r.replyTo()
}

// request tells the client's states apart as RFC 2131 section 4.3.2 does.
func (s *Server) request(ctx context.Context, r request, n Network) (*dhcpv4.DHCPv4, netip.AddrPort) {
	if chosen := addr(r.ServerIdentifier()); !chosen.IsUnspecified() && chosen != s.config.Address.Addr() {
		s.elsewhere(r, chosen)
		return nil, netip.AddrPort{}
	}
	to, wanted := r.replyTo(), addr(r.RequestedIPAddress())
	if current := r.current(); !current.IsUnspecified() { // renewing or rebinding
		wanted = current
		if r.relay().IsUnspecified() {
			to = netip.AddrPortFrom(current, ClientPort)
		}
	}
	if !s.table.Reserved(r.client.MAC, wanted) { // neither offered nor held
		if why, forbidden := s.watch.forbids(); forbidden {
			// No refusal either: the other server may have given it.
			return s.withhold(r, why)
		}
		if s.crowded(r) {
			return nil, netip.AddrPort{}
		}
		if err := s.usable(ctx, r, n, wanted); err != nil {
			return s.refuse(r, wanted, err)
		}
	}
	if err := s.table.Claim(r.client, n.Pool, wanted); err != nil {
		return s.refuse(r, wanted, err)
	}
	r.client.Addr = wanted
	s.note(r, "address given", "machine", r.client.MAC.String(), "addr", wanted.String(), "arch", r.client.Arch.String())
	l := s.loader(ctx, r)
	s.reached(r, boot.StageAddress, l, "")
	return s.reply(r, dhcpv4.MessageTypeAck, n, l), to
}

// inform answers a client that has its address from elsewhere (RFC 2131 section
// 4.3.5): the options, no lease.
func (s *Server) inform(ctx context.Context, r request, n Network) (*dhcpv4.DHCPv4, netip.AddrPort) {
	current := r.current()
	if !n.Prefix.Contains(current) {
		return nil, netip.AddrPort{}
	}
	p := s.reply(r, dhcpv4.MessageTypeAck, n, s.loader(ctx, r))
	p.YourIPAddr = nil
	for _, o := range []dhcpv4.OptionCode{dhcpv4.OptionIPAddressLeaseTime, dhcpv4.OptionRenewTimeValue, dhcpv4.OptionRebindingTimeValue} {
		p.DeleteOption(o)
	}
	return p, netip.AddrPortFrom(current, ClientPort)
}
