package dhcp

import (
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"time"

	"regain.example/boot"
)

// The answers of a Table that are no success.
var (
	// ErrPoolFull is returned when every address of the pool has a holder.
	ErrPoolFull = errors.New("every address of the pool is taken")
	// ErrTaken is returned for an address that the machine cannot have: it
	// lies outside the pool, or is another's, or the machine has one.
	ErrTaken = errors.New("the address is not this machine's")
)

const (
	// offerTime is how long an address stays reserved for a machine that has
	// not yet accepted it. EDK2 collects offers for up to 8 s and iPXE for up
	// to 10 s before they choose.
	offerTime = 30 * time.Second
	// declinedTime is how long an address rests that a machine has declined,
	// since it found it in use.
	declinedTime = 10 * time.Minute
	// maxDeclined bounds the resting addresses: one machine that takes and
	// declines in turn must not empty the pool.
	maxDeclined = 8
)

// Table holds the leases. A machine is known by its MAC address alone, never by
// option 61: firmware, iPXE, the agent and the installed system each send
// another client identifier, and would use up four addresses for one machine.
type Table struct {
	pool  Pool
	time  time.Duration
	file  string
	clock func() time.Time

	mu       sync.Mutex
	byMAC    map[string]*Lease
	byAddr   map[netip.Addr]*Lease
	declined map[netip.Addr]time.Time // until when
}

// OpenTable reads the leases in file, which need not exist, and gives out the
// addresses of pool for leaseTime each. Leases outside the pool are dropped.
func OpenTable(file string, pool Pool, leaseTime time.Duration, clock func() time.Time) (*Table, error) {
	t := &Table{
		pool: pool, time: leaseTime, file: file, clock: clock,
		byMAC: map[string]*Lease{}, byAddr: map[netip.Addr]*Lease{}, declined: map[netip.Addr]time.Time{},
	}
	leases, err := load(file)
	if err != nil {
		return nil, err
	}
	for _, l := range leases {
		if pool.Contains(l.Addr) && t.byAddr[l.Addr] == nil && t.byMAC[l.MAC] == nil {
			t.put(&l)
		}
	}
	return t, nil
}

// Client returns the machine that holds addr; it implements boot.Machines.
func (t *Table) Client(addr netip.Addr) (boot.Client, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	l := t.byAddr[addr]
	if l == nil || l.offered || !l.live(t.clock()) {
		return boot.Client{}, false
	}
	return l.client(), true
}

// Offer reserves an address for the machine: the one it has, or had, else the
// one it wishes (the zero Addr for none), else a free one.
func (t *Table) Offer(c boot.Client, wish netip.Addr) (netip.Addr, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now, mac := t.clock(), c.MAC.String()
	if l := t.byMAC[mac]; l != nil && !t.resting(l.Addr, now) {
		if !l.live(now) {
			l.offered, l.Expires = true, now.Add(offerTime)
		}
		return l.Addr, nil
	}
	addr, err := t.free(wish, now)
	if err != nil {
		return netip.Addr{}, err
	}
	t.replace(&Lease{Addr: addr, MAC: mac, Expires: now.Add(offerTime), UUID: c.UUID, Arch: c.Arch, offered: true})
	return addr, nil
}

// Claim gives addr to the machine for the lease time, if it can have it, and
// writes that down before it returns. ErrTaken is answered by a NAK. A *SaveError
// says that the lease stands, but not on disk.
func (t *Table) Claim(c boot.Client, addr netip.Addr) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	now, mac := t.clock(), c.MAC.String()
	if !t.pool.Contains(addr) || t.resting(addr, now) {
		return fmt.Errorf("%w: %s", ErrTaken, addr)
	}
	if holder := t.byAddr[addr]; holder != nil && holder.MAC != mac && holder.live(now) {
		return fmt.Errorf("%w: %s", ErrTaken, addr)
	}
	if own := t.byMAC[mac]; own != nil && own.Addr != addr && own.live(now) && !own.offered {
		return fmt.Errorf("%w: %s, it holds %s", ErrTaken, addr, own.Addr)
	}
	t.replace(t.lease(c, addr, now))
	return t.save()
}

// Learn keeps what a boot loader said of the machine that holds c.Addr, so that
// later questions about the machine, in which less is said, are decided alike.
func (t *Table) Learn(c boot.Client) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if l := t.byAddr[c.Addr]; l != nil && l.MAC == c.MAC.String() && l.live(t.clock()) {
		l.UUID, l.Arch = c.UUID, c.Arch
		l.Manufacturer, l.Product, l.Serial = c.Manufacturer, c.Product, c.Serial
	}
}

// Recall adds to c what was learned of it. A network adapter that has moved to
// another machine brings nothing along: the UUID differs.
func (t *Table) Recall(c boot.Client) boot.Client {
	t.mu.Lock()
	defer t.mu.Unlock()
	if l := t.byMAC[c.MAC.String()]; l != nil && l.UUID == c.UUID && c.UUID != "" {
		c.Manufacturer, c.Product, c.Serial = l.Manufacturer, l.Product, l.Serial
	}
	return c
}

// lease makes the machine's new lease. What its firmware once said of itself is
// kept when the system that it runs now says nothing.
func (t *Table) lease(c boot.Client, addr netip.Addr, now time.Time) *Lease {
	l := &Lease{Addr: addr, MAC: c.MAC.String(), Expires: now.Add(t.time), UUID: c.UUID, Arch: c.Arch}
	if old := t.byMAC[l.MAC]; old != nil && (c.UUID == "" || c.UUID == old.UUID) {
		l.UUID, l.Manufacturer, l.Product, l.Serial = old.UUID, old.Manufacturer, old.Product, old.Serial
		if c.UUID == "" {
			l.Arch = old.Arch
		}
	}
	return l
}

// free returns an address for a machine that has none: never used ones first,
// so that a machine that was away long finds its old address again.
func (t *Table) free(wish netip.Addr, now time.Time) (netip.Addr, error) {
	if t.pool.Contains(wish) && t.byAddr[wish] == nil && !t.resting(wish, now) {
		return wish, nil
	}
	var oldest *Lease
	for addr := range t.pool.all() {
		if t.resting(addr, now) {
			continue
		}
		l := t.byAddr[addr]
		if l == nil {
			return addr, nil
		}
		if !l.live(now) && (oldest == nil || l.Expires.Before(oldest.Expires)) {
			oldest = l
		}
	}
	if oldest == nil {
		return netip.Addr{}, ErrPoolFull
	}
	return oldest.Addr, nil
}

// replace puts l in the place of whatever its machine and its address had.
func (t *Table) replace(l *Lease) {
	if old := t.byMAC[l.MAC]; old != nil {
		delete(t.byAddr, old.Addr)
	}
	if old := t.byAddr[l.Addr]; old != nil {
		delete(t.byMAC, old.MAC)
	}
	t.put(l)
}

func (t *Table) put(l *Lease) {
	t.byMAC[l.MAC], t.byAddr[l.Addr] = l, l
}
