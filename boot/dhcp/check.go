package dhcp

import (
	"context"
	"net"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

// Prober finds out whether an address is in use; arp.Prober does.
type Prober interface {
	// Holder returns who uses addr, other than the machine that asks for it,
	// or nil if nobody does. An error says that it is not known.
	Holder(ctx context.Context, addr netip.Addr, asks net.HardwareAddr) (net.HardwareAddr, error)
}

// freshTime is how long a probe that nobody answered is good for. Firmware
// repeats its question, and accepts, within that time.
const freshTime = 20 * time.Second

// checker asks the prober once for all who wait for the same address.
type checker struct {
	prober Prober
	clock  func() time.Time
	flight singleflight.Group

	mu   sync.Mutex
	free map[question]time.Time // when nobody answered
}

// question is an address and who asks for it: that the machine itself answers
// does not mean that another does.
type question struct {
	addr netip.Addr
	mac  string
}

func newChecker(p Prober, clock func() time.Time) *checker {
	return &checker{prober: p, clock: clock, free: map[question]time.Time{}}
}

// holder returns who else uses addr, or nil.
func (c *checker) holder(ctx context.Context, addr netip.Addr, asks net.HardwareAddr) (net.HardwareAddr, error) {
	q := question{addr, asks.String()}
	if c.fresh(q) {
		return nil, nil
	}
	found, err, _ := c.flight.Do(q.addr.String()+" "+q.mac, func() (any, error) {
		mac, err := c.prober.Holder(ctx, addr, asks)
		if err == nil && mac == nil {
			c.note(q)
		}
		return mac, err
	})
	mac, _ := found.(net.HardwareAddr)
	return mac, err
}

func (c *checker) fresh(q question) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	at, known := c.free[q]
	return known && c.clock().Sub(at) < freshTime
}

// note keeps what was found, and forgets what is no longer fresh: the map stays
// as small as what strangers may ask in that time.
func (c *checker) note(q question) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.clock()
	for old, at := range c.free {
		if now.Sub(at) >= freshTime {
			delete(c.free, old)
		}
	}
	c.free[q] = now
}
