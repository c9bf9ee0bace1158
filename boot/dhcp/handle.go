package dhcp

import (
	"context"
	"errors"
	"net/netip"

	"github.com/insomniacslk/dhcp/dhcpv4"

	"regain.example/boot"
)

// handle answers one packet. A nil reply means silence.
func (s *Server) handle(ctx context.Context, packet []byte) (*dhcpv4.DHCPv4, netip.AddrPort) {
	p, err := dhcpv4.FromBytes(packet)
	if err != nil {
		s.meter.DHCP("malformed")
		s.log.Debug("malformed DHCP packet", "err", err)
		return nil, netip.AddrPort{}
	}
	s.meter.DHCP(name(p.MessageType()))
	c, k, err := read(p)
	if err != nil {
		s.log.Debug("DHCP packet passed over", "err", err)
		return nil, netip.AddrPort{}
	}
	c = s.table.Recall(c)
	switch p.MessageType() {
	case dhcpv4.MessageTypeDiscover:
		return s.discover(ctx, p, c, k)
	case dhcpv4.MessageTypeRequest:
		return s.request(ctx, p, c, k)
	case dhcpv4.MessageTypeInform:
		return s.inform(ctx, p, c, k)
	case dhcpv4.MessageTypeRelease:
		s.saved(c, s.table.Release(c.MAC, addr(p.ClientIPAddr)))
	case dhcpv4.MessageTypeDecline:
		s.decline(p, c)
	}
	return nil, netip.AddrPort{}
}

func (s *Server) discover(ctx context.Context, p *dhcpv4.DHCPv4, c boot.Client, k kind) (*dhcpv4.DHCPv4, netip.AddrPort) {
	a, err := s.table.Offer(c, addr(p.RequestedIPAddress()))
	if err != nil {
		s.log.Error("no address for a machine; widen the pool, or wait until leases end", "machine", c.MAC.String(), "err", err)
		return nil, netip.AddrPort{}
	}
	c.Addr = a
	return s.reply(ctx, p, dhcpv4.MessageTypeOffer, c, k), everyone()
}

// request tells the client's states apart as RFC 2131 section 4.3.2 does.
func (s *Server) request(ctx context.Context, p *dhcpv4.DHCPv4, c boot.Client, k kind) (*dhcpv4.DHCPv4, netip.AddrPort) {
	if chosen := addr(p.ServerIdentifier()); !chosen.IsUnspecified() && chosen != s.config.Address.Addr() {
		s.table.Withdraw(c.MAC)
		s.log.Warn("a machine takes its address from another DHCP server; the bench network must have none", "machine", c.MAC.String(), "server", chosen.String())
		return nil, netip.AddrPort{}
	}
	to := everyone()
	wanted := addr(p.RequestedIPAddress())
	if current := addr(p.ClientIPAddr); !current.IsUnspecified() { // renewing or rebinding
		wanted, to = current, netip.AddrPortFrom(current, ClientPort)
	}
	err := s.table.Claim(c, wanted)
	if errors.Is(err, ErrTaken) {
		s.log.Info("address refused", "machine", c.MAC.String(), "err", err)
		return s.nak(p), everyone()
	}
	s.saved(c, err)
	c.Addr = wanted
	s.log.Info("address given", "machine", c.MAC.String(), "addr", wanted.String(), "arch", c.Arch.String())
	s.observer.Observe(boot.Sighting{Client: c, Stage: boot.StageAddress, By: k.asker()})
	return s.reply(ctx, p, dhcpv4.MessageTypeAck, c, k), to
}

// inform answers a client that has its address from elsewhere (RFC 2131 section
// 4.3.5): the options, no lease.
func (s *Server) inform(ctx context.Context, p *dhcpv4.DHCPv4, c boot.Client, k kind) (*dhcpv4.DHCPv4, netip.AddrPort) {
	current := addr(p.ClientIPAddr)
	if !s.config.Address.Contains(current) {
		return nil, netip.AddrPort{}
	}
	r := s.reply(ctx, p, dhcpv4.MessageTypeAck, c, k)
	r.YourIPAddr = nil
	for _, o := range []dhcpv4.OptionCode{dhcpv4.OptionIPAddressLeaseTime, dhcpv4.OptionRenewTimeValue, dhcpv4.OptionRebindingTimeValue} {
		r.DeleteOption(o)
	}
	return r, netip.AddrPortFrom(current, ClientPort)
}

func (s *Server) decline(p *dhcpv4.DHCPv4, c boot.Client) {
	a := addr(p.RequestedIPAddress())
	held, err := s.table.Decline(c.MAC, a)
	s.saved(c, err)
	if held {
		s.log.Warn("a machine found its address in use by another; look for a device with a fixed address on the bench network", "machine", c.MAC.String(), "addr", a.String())
	}
}

// saved reports a lease that did not reach the disk. The machine is served all
// the same: a full disk must not turn the benches dark, and until a restart the
// table in memory holds.
func (s *Server) saved(c boot.Client, err error) {
	if err != nil {
		s.log.Error("lease not saved", "machine", c.MAC.String(), "err", err)
	}
}

func everyone() netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{255, 255, 255, 255}), ClientPort)
}
