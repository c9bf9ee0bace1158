package dhcp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/netip"

	"github.com/insomniacslk/dhcp/dhcpv4"

	"regain.example/boot"
)

// maxTaken is how many addresses that turn out to be in use are passed over for
// one request: the next one goes on from there.
const maxTaken = 8

// ahead is how many addresses are probed for machines that may follow.
const ahead = 40

// own reports whether the request is this host's own, made by Probe: an answer
// would make the server its own rival.
func (s *Server) own(r request) bool { return bytes.Equal(r.client.MAC, s.config.Hardware) }

// free reserves an address that nobody uses. One that the machine holds already
// is not probed: it answers itself.
func (s *Server) free(ctx context.Context, r request, n Network) (netip.Addr, error) {
	for range maxTaken {
		held := s.table.Holds(r.client.MAC, n.Pool)
		a, err := s.table.Offer(r.client, n.Pool, addr(r.RequestedIPAddress()))
		if err != nil || held {
			return a, err
		}
		s.lookAhead(ctx, n)
		used, err := s.inUse(ctx, r, n, a)
		if err != nil {
			return a, err
		}
		if !used {
			return a, nil
		}
	}
	return netip.Addr{}, fmt.Errorf("%w: %d addresses in a row are in use by others", ErrPoolFull, maxTaken)
}

// lookAhead probes the addresses that the next machines will get: where one is
// switched on, others follow, and need not wait then.
func (s *Server) lookAhead(ctx context.Context, n Network) {
	if !s.config.local(n) {
		return
	}
	for _, a := range s.table.unused(n.Pool, ahead) {
		s.check.ahead(ctx, a)
	}
}

// usable reports, by ErrTaken, that an address which a machine asks for without
// an offer is not to be had: by the table, or because somebody uses it.
func (s *Server) usable(ctx context.Context, r request, n Network, a netip.Addr) error {
	if err := s.table.Claimable(r.client, n.Pool, a); err != nil {
		return err // a live lease's holder would answer the probe, rightly
	}
	used, err := s.inUse(ctx, r, n, a)
	if err == nil && used {
		return fmt.Errorf("%w: %s", ErrTaken, a)
	}
	return err
}

// crowded reports whether the machine is unknown and comes at a moment when too
// many such do.
func (s *Server) crowded(r request) bool {
	if s.table.Knows(r.client.MAC) || s.strangers.take() {
		return false
	}
	s.meter.DHCP("dropped")
	s.warn("too many unknown machines ask for an address at once; look for a device that invents hardware addresses, and limit addresses per switch port")
	return true
}

// inUse probes an address and lets it rest if somebody uses it. Behind a relay
// nobody can be asked by ARP.
func (s *Server) inUse(ctx context.Context, r request, n Network, a netip.Addr) (bool, error) {
	if !s.config.local(n) {
		return false, nil
	}
	holder, err := s.check.holder(ctx, a, r.client.MAC)
	if err != nil || holder == nil {
		return false, err
	}
	s.table.Rest(a)
	s.warn("an address of the pool is in use by a device that did not get it here; find the device by its hardware address and give it an address outside the pool",
		"addr", a.String(), "holder", holder.String(), "machine", r.client.MAC.String())
	return true, nil
}

// refuse says no to a machine whose address is not to be had, and nothing to one
// where that is not known.
func (s *Server) refuse(r request, a netip.Addr, err error) (*dhcpv4.DHCPv4, netip.AddrPort) {
	if errors.Is(err, ErrTaken) {
		s.note(r, "address refused", "machine", r.client.MAC.String(), "err", err)
		return s.nak(r), r.replyTo()
	}
	s.warn("address not given", "machine", r.client.MAC.String(), "addr", a.String(), "err", err)
	if unsaved := (*SaveError)(nil); errors.As(err, &unsaved) {
		return s.withhold(r, "the controller cannot write down who has which address; its log says why")
	}
	return s.withhold(r, "it could not be found out whether the address is in use; the controller's log says why")
}

// withhold leaves the machine without an answer, and says so to those who follow
// the boots. Without a reason it is a matter of seconds, and not worth saying.
func (s *Server) withhold(r request, why string) (*dhcpv4.DHCPv4, netip.AddrPort) {
	s.meter.DHCP("withheld")
	if why == "" {
		return nil, netip.AddrPort{}
	}
	s.see(r, boot.StageWithheld, loader{}, why)
	return nil, netip.AddrPort{}
}

// elsewhere takes note that the machine took another server's address.
func (s *Server) elsewhere(r request, server netip.Addr) {
	s.table.Withdraw(r.client.MAC)
	s.watch.sooner()
	s.warn("a machine takes its address from another DHCP server; the bench network must have none",
		"machine", r.client.MAC.String(), "server", server.String())
	s.see(r, boot.StageElsewhere, loader{}, server.String())
}

func (s *Server) decline(r request) {
	a := addr(r.RequestedIPAddress())
	held, err := s.table.Decline(r.client.MAC, a)
	s.saved(r, err)
	if held {
		s.warn("a machine found its address in use by another; look for a device with a fixed address on the bench network", "machine", r.client.MAC.String(), "addr", a.String())
	}
}

// saved reports that the end of a lease did not reach the disk: after a restart
// the machine would have it still, which harms nobody.
func (s *Server) saved(r request, err error) {
	if err != nil {
		s.log.Error("end of a lease not saved", "machine", r.client.MAC.String(), "message", r.MessageType().String(), "err", err)
	}
}
