package dhcp

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
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
	// idleTime is how long a machine may do nothing with its address before
	// another can have it, once the pool is full. Firmware fetches its loader
	// within a second or two.
	idleTime = time.Minute
	// restTime is how long an address rests that was found in use.
	restTime = 10 * time.Minute
	// maxDeclined bounds the addresses that rest because a machine said so:
	// one that takes and declines in turn must not empty the pool.
	maxDeclined = 8
)

// Table holds the leases. A machine is known by its MAC address alone, never by
// option 61: firmware, iPXE, the agent and the installed system each send
// another client identifier, and would use up four addresses for one machine.
type Table struct {
	pools []Pool // nil in proxy mode: any address
	time  time.Duration
	file  string
	clock func() time.Time

	journal journal

	mu      sync.Mutex
	byMAC   map[string]*Lease
	byAddr  map[netip.Addr]*Lease
	resting map[netip.Addr]rest
	change  uint64 // number of changes that must reach the disk
}

// OpenTable reads the leases in file, which need not exist, and gives out
// addresses for leaseTime each. Leases outside the pools are dropped. Without a
// pool the table gives nothing out and takes note of others' leases.
func OpenTable(file string, leaseTime time.Duration, clock func() time.Time, pools ...Pool) (*Table, error) {
	t := &Table{
		pools: pools, time: leaseTime, file: file, clock: clock,
		byMAC: map[string]*Lease{}, byAddr: map[netip.Addr]*Lease{}, resting: map[netip.Addr]rest{},
	}
	leases, err := load(file)
	if err != nil {
		return nil, err
	}
	for _, l := range leases {
		if t.covers(l.Addr) && t.byAddr[l.Addr] == nil && t.byMAC[l.MAC] == nil {
			l.used = true
			t.put(&l)
		}
	}
	return t, nil
}

func (t *Table) covers(addr netip.Addr) bool {
	return t.pools == nil || slices.ContainsFunc(t.pools, func(p Pool) bool { return p.Contains(addr) })
}

// Client returns the machine that holds addr; it implements boot.Machines.
func (t *Table) Client(addr netip.Addr) (boot.Client, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	l := t.byAddr[addr]
	if l == nil || l.offered || !l.live(t.clock()) {
		return boot.Client{}, false
	}
	l.used = true
	return l.client(), true
}

// Knows reports whether the machine has, or had, an address that is remembered.
func (t *Table) Knows(mac net.HardwareAddr) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.byMAC[mac.String()] != nil
}

// Holds reports whether the machine has a live lease of an address of pool.
func (t *Table) Holds(mac net.HardwareAddr, pool Pool) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	l := t.byMAC[mac.String()]
	return l != nil && !l.offered && l.live(t.clock()) && pool.Contains(l.Addr)
}

// Reserved reports whether addr is held by the machine, or offered to it.
func (t *Table) Reserved(mac net.HardwareAddr, addr netip.Addr) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	l := t.byMAC[mac.String()]
	return l != nil && l.Addr == addr && l.live(t.clock())
}

// Offer reserves an address of pool for the machine: the one it has, or had,
// else the one it wishes (the zero Addr for none), else a free one.
func (t *Table) Offer(c boot.Client, pool Pool, wish netip.Addr) (netip.Addr, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now, mac := t.clock(), c.MAC.String()
	if l := t.byMAC[mac]; l != nil && pool.Contains(l.Addr) && !t.rests(l.Addr, now) {
		if !l.live(now) {
			l.offered, l.Expires = true, now.Add(offerTime)
		}
		return l.Addr, nil
	}
	addr, err := t.free(pool, wish, now)
	if err != nil {
		return netip.Addr{}, err
	}
	t.replace(&Lease{Addr: addr, MAC: mac, Expires: now.Add(offerTime), UUID: c.UUID, Arch: c.Arch, offered: true})
	return addr, nil
}

// Claim gives addr to the machine for the lease time, if it can have it, and
// writes that down before it returns. ErrTaken is answered by a NAK. After a
// *SaveError the machine has what it had before, and must not be told otherwise.
func (t *Table) Claim(c boot.Client, pool Pool, addr netip.Addr) error {
	undo, change, err := t.claim(c, pool, addr)
	if err != nil {
		return err
	}
	if err := t.journal.commit(change, t.save); err != nil {
		undo()
		return err
	}
	return nil
}

func (t *Table) claim(c boot.Client, pool Pool, addr netip.Addr) (undo func(), change uint64, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.clock()
	if err := t.claimable(c, pool, addr, now); err != nil {
		return nil, 0, err
	}
	own, l := t.byMAC[c.MAC.String()], t.lease(c, addr, now)
	t.replace(l)
	t.change++
	return func() { t.unclaim(l, own) }, t.change, nil
}

// Claimable reports, by ErrTaken, that the machine cannot have addr.
func (t *Table) Claimable(c boot.Client, pool Pool, addr netip.Addr) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.claimable(c, pool, addr, t.clock())
}

func (t *Table) claimable(c boot.Client, pool Pool, addr netip.Addr, now time.Time) error {
	mac := c.MAC.String()
	if !pool.Contains(addr) || t.rests(addr, now) {
		return fmt.Errorf("%w: %s", ErrTaken, addr)
	}
	if holder := t.byAddr[addr]; holder != nil && holder.MAC != mac && holder.live(now) {
		return fmt.Errorf("%w: %s", ErrTaken, addr)
	}
	if own := t.byMAC[mac]; own != nil && own.Addr != addr && own.live(now) && !own.offered && pool.Contains(own.Addr) {
		return fmt.Errorf("%w: %s, it holds %s", ErrTaken, addr, own.Addr)
	}
	return nil
}

// unclaim takes back a lease that did not reach the disk: a lease that was there
// before stands again, else the address stays reserved as an offer does.
func (t *Table) unclaim(l, before *Lease) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.byMAC[l.MAC] != l {
		return
	}
	if before != nil && before.Addr == l.Addr {
		t.put(before)
		return
	}
	l.offered, l.Expires = true, t.clock().Add(offerTime)
}

// lease makes the machine's new lease. What its firmware once said of itself is
// kept when the system that it runs now says nothing.
func (t *Table) lease(c boot.Client, addr netip.Addr, now time.Time) *Lease {
	l := &Lease{Addr: addr, MAC: c.MAC.String(), Expires: now.Add(t.time), UUID: c.UUID, Arch: c.Arch, given: now}
	if old := t.byMAC[l.MAC]; old != nil && !old.offered {
		l.used = true
	}
	if old := t.byMAC[l.MAC]; old != nil && (c.UUID == "" || c.UUID == old.UUID) {
		l.UUID, l.Manufacturer, l.Product, l.Serial = old.UUID, old.Manufacturer, old.Product, old.Serial
		if c.UUID == "" {
			l.Arch = old.Arch
		}
	}
	return l
}

// free returns an address for a machine that has none: never used ones first,
// so that a machine that was away long finds its old address again, and last the
// ones that were taken and never used: a device that invents machines must not
// keep the others out for the length of a lease. The prober finds out whether the
// holder is there after all.
func (t *Table) free(pool Pool, wish netip.Addr, now time.Time) (netip.Addr, error) {
	if pool.Contains(wish) && t.byAddr[wish] == nil && !t.rests(wish, now) {
		return wish, nil
	}
	var oldest, idle *Lease
	for addr := range pool.all() {
		if t.rests(addr, now) {
			continue
		}
		l := t.byAddr[addr]
		if l == nil {
			return addr, nil
		}
		if !l.live(now) && (oldest == nil || l.Expires.Before(oldest.Expires)) {
			oldest = l
		}
		if l.idle(now) && (idle == nil || l.given.Before(idle.given)) {
			idle = l
		}
	}
	switch {
	case oldest != nil:
		return oldest.Addr, nil
	case idle != nil:
		return idle.Addr, nil
	}
	return netip.Addr{}, ErrPoolFull
}

// unused returns up to n addresses that free would give next.
func (t *Table) unused(pool Pool, n int) []netip.Addr {
	t.mu.Lock()
	defer t.mu.Unlock()
	var next []netip.Addr
	for addr := range pool.all() {
		if len(next) == n {
			break
		}
		if t.byAddr[addr] == nil && !t.rests(addr, t.clock()) {
			next = append(next, addr)
		}
	}
	return next
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
