package dhcp

import (
	"bytes"
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

	mu     sync.Mutex
	free   map[netip.Addr]time.Time // when nobody answered
	asking map[netip.Addr]bool      // ahead
}

func newChecker(p Prober, clock func() time.Time) *checker {
	return &checker{prober: p, clock: clock, free: map[netip.Addr]time.Time{}, asking: map[netip.Addr]bool{}}
}

// holder returns who else uses addr, or nil.
func (c *checker) holder(ctx context.Context, addr netip.Addr, asks net.HardwareAddr) (net.HardwareAddr, error) {
	found, err := c.anybody(ctx, addr)
	if err == nil && bytes.Equal(found, asks) {
		// It answers for itself. Whether another does, too, is asked anew.
		return c.prober.Holder(ctx, addr, asks)
	}
	return found, err
}

// anybody returns one who uses addr, or nil.
func (c *checker) anybody(ctx context.Context, addr netip.Addr) (net.HardwareAddr, error) {
	if c.fresh(addr) {
		return nil, nil
	}
	found, err, _ := c.flight.Do(addr.String(), func() (any, error) {
		mac, err := c.prober.Holder(ctx, addr, nil)
		if err == nil && mac == nil {
			c.note(addr)
		}
		return mac, err
	})
	mac, _ := found.(net.HardwareAddr)
	return mac, err
}

// ahead probes addr for whoever asks for it next. What comes of it is there then;
// a machine that asks meanwhile waits for this probe and not for one of its own.
func (c *checker) ahead(ctx context.Context, addr netip.Addr) {
	fresh := c.fresh(addr)
	c.mu.Lock()
	defer c.mu.Unlock()
	if fresh || c.asking[addr] {
		return
	}
	c.asking[addr] = true
	go func() {
		_, _ = c.anybody(ctx, addr) // asked again where it matters
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.asking, addr)
	}()
}

func (c *checker) fresh(addr netip.Addr) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	at, known := c.free[addr]
	return known && c.clock().Sub(at) < freshTime
}

// note keeps what was found; there is one entry for each address of the pools at
// most.
func (c *checker) note(addr netip.Addr) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.free[addr] = c.clock()
}
