// Package network brings up the interface that a machine was booted through, and
// keeps its address for as long as the bench works: an erasure outlives a lease.
package network

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4/nclient4"
	"github.com/vishvananda/netlink"
)

// ErrNoInterface: no network interface was found at all.
var ErrNoInterface = errors.New("no network adapter found: this adapter has no driver here, try another one (USB)")

// ErrNoCarrier: there are interfaces, but no cable in any of them.
var ErrNoCarrier = errors.New("no network link: check the cable and the switch")

// ErrNoAddress: nobody answers on the wire.
var ErrNoAddress = errors.New("no address from the appliance: is this socket on the bench network?")

// Network is the bench's connection.
type Network struct {
	mac string
	log *slog.Logger
	// wait is how long Find waits for each DHCP answer.
	wait time.Duration
	// Interface is the name of the interface in use, once Up has returned.
	Interface string
}

// New returns a network that prefers the interface with the given address,
// which is the one that the firmware booted through; it may be empty.
func New(mac string, log *slog.Logger) *Network {
	return &Network{mac: mac, log: log, wait: 3 * time.Second}
}

// Up gets an address on the boot interface. Once settled is closed, which says that
// all adapters have their drivers, and that interface is not among them (a dock may
// lend its address to the firmware alone), it takes the first that has a link: not
// before, since another one may lead to another network. It tries for ever, and
// tells what is wrong meanwhile; it returns ctx's error only.
func (n *Network) Up(ctx context.Context, settled <-chan struct{}, tell func(error)) (*nclient4.Lease, error) {
	for {
		lease, err := n.attempt(ctx, closed(settled))
		if err == nil {
			return lease, nil
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		tell(err)
		if err := sleep(ctx, time.Second); err != nil {
			return nil, err
		}
	}
}

func closed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// attempt tries each candidate once.
func (n *Network) attempt(ctx context.Context, others bool) (*nclient4.Lease, error) {
	links, err := candidates(n.mac, others)
	if err != nil {
		return nil, err
	}
	last := ErrNoCarrier
	for _, link := range withCarrier(ctx, links, 6*time.Second) {
		lease, err := request(ctx, link)
		if err != nil {
			last = fmt.Errorf("%w (%s: %v)", ErrNoAddress, link.Attrs().Name, err)
			continue
		}
		if err := configure(link, lease); err != nil {
			return nil, err
		}
		n.Interface = link.Attrs().Name
		return lease, nil
	}
	return nil, last
}

// candidates returns the Ethernet interfaces, set up: that of the boot alone if
// it is there, else all if others will do. What is not returned may lead to other
// networks and stays as it is.
func candidates(mac string, others bool) ([]netlink.Link, error) {
	all, err := netlink.LinkList()
	if err != nil {
		return nil, fmt.Errorf("list network interfaces: %w", err)
	}
	var out []netlink.Link
	found := false
	for _, link := range all {
		a := link.Attrs()
		if a.EncapType != "ether" || a.Flags&net.FlagLoopback != 0 {
			continue
		}
		if found = mac != "" && (strings.EqualFold(a.HardwareAddr.String(), mac) || strings.EqualFold(a.PermHWAddr.String(), mac)); found {
			out = []netlink.Link{link}
			break
		}
		out = append(out, link)
	}
	if len(out) == 0 || mac != "" && !found && !others {
		return nil, ErrNoInterface
	}
	for _, link := range out {
		if err := netlink.LinkSetUp(link); err != nil {
			return nil, fmt.Errorf("set up %s: %w", link.Attrs().Name, err)
		}
	}
	return out, nil
}

// lowerUp is IFF_LOWER_UP of linux/if.h: the driver sees a signal on the cable.
const lowerUp = 1 << 16

// withCarrier waits until one of the links has a carrier, and returns those that
// have; none if the time is up: autonegotiation takes some seconds. Some drivers
// announce a carrier for a moment before they have looked, so it must last.
func withCarrier(ctx context.Context, links []netlink.Link, limit time.Duration) []netlink.Link {
	const pause, enough = 100 * time.Millisecond, 2
	seen := make([]int, len(links))
	for range limit / pause {
		var up []netlink.Link
		for i, link := range links {
			now, err := netlink.LinkByIndex(link.Attrs().Index)
			if err != nil || now.Attrs().RawFlags&lowerUp == 0 {
				seen[i] = 0
			} else if seen[i]++; seen[i] >= enough {
				up = append(up, link)
			}
		}
		if len(up) > 0 || sleep(ctx, pause) != nil {
			return up
		}
	}
	return nil
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
