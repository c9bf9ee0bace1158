// Package lan is the network of a workshop for tests that need no machine with
// firmware: the appliance's network (package vbench), benches and an office, each
// a network namespace of its own. It needs root.
package lan

import (
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/vishvananda/netlink"

	"regain.example/cmd/internal/vbench"
)

// Office is the appliance's interface to the office.
const Office = "office0"

// The addresses on the office's network (RFC 5737).
var (
	OfficeAddress = netip.MustParsePrefix("192.0.2.10/24") // the appliance's
	Desk          = netip.MustParsePrefix("192.0.2.77/24") // a person's
)

// LAN is a workshop's network. The appliance's part of it is the embedded wire;
// its bench interface is a bridge.
type LAN struct {
	*vbench.Wire
	// Desk is a computer in the office.
	Desk   *Space
	spaces []*Space
}

// New makes the network, with no bench.
func New() (*LAN, error) {
	w, err := vbench.NewWire()
	if err != nil {
		return nil, err
	}
	l := &LAN{Wire: w}
	if l.Desk, err = l.space(Office); err == nil {
		err = errors.Join(l.office(), l.Desk.Address(Desk), l.Desk.Route(OfficeAddress.Addr()))
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("make the workshop's network: %w", err), l.Close())
	}
	return l, nil
}

// Bench plugs another computer into the bench. It has no address.
func (l *LAN) Bench() (*Space, error) {
	port := fmt.Sprintf("port%d", len(l.spaces))
	s, err := l.space(port)
	if err != nil {
		return nil, fmt.Errorf("plug in a bench: %w", err)
	}
	err = l.Do(func() error {
		bridge, err := netlink.LinkByName(vbench.Bridge)
		if err != nil {
			return err
		}
		link, err := netlink.LinkByName(port)
		if err != nil {
			return err
		}
		if err := netlink.LinkSetMaster(link, bridge); err != nil {
			return err
		}
		return awaitForwarding(link)
	})
	if err != nil {
		return nil, fmt.Errorf("plug in a bench: %w", err)
	}
	return s, nil
}

// awaitForwarding waits until the bridge passes on what the port receives.
func awaitForwarding(port netlink.Link) error {
	for range 200 {
		link, err := netlink.LinkByIndex(port.Attrs().Index)
		if err != nil {
			return err
		}
		if link.Attrs().OperState == netlink.OperUp {
			return nil
		}
		time.Sleep(10 * time.Millisecond)
	}
	return fmt.Errorf("port %s does not come up", port.Attrs().Name)
}

// space makes a computer that is joined to the appliance's namespace by a cable
// whose near end is called near.
func (l *LAN) space(near string) (*Space, error) {
	s, err := newSpace()
	if err != nil {
		return nil, err
	}
	l.spaces = append(l.spaces, s)
	err = l.Do(func() error {
		attrs := netlink.NewLinkAttrs()
		attrs.Name = near
		veth := netlink.NewVeth(attrs)
		veth.PeerName, veth.PeerNamespace = Link, netlink.NsFd(s.handle)
		if err := netlink.LinkAdd(veth); err != nil {
			return err
		}
		return netlink.LinkSetUp(veth)
	})
	if err != nil {
		return nil, err
	}
	return s, s.up()
}

func (l *LAN) office() error {
	return l.Do(func() error {
		link, err := netlink.LinkByName(Office)
		if err != nil {
			return err
		}
		addr, err := netlink.ParseAddr(OfficeAddress.String())
		if err != nil {
			return err
		}
		return netlink.AddrAdd(link, addr)
	})
}

// Close takes the network away, and what runs on the appliance.
func (l *LAN) Close() error {
	var errs []error
	for _, s := range l.spaces {
		errs = append(errs, s.close())
	}
	return errors.Join(append(errs, l.Wire.Close())...)
}
