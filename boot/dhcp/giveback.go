package dhcp

import (
	"net"
	"net/netip"
	"time"
)

// rest is an address that is left alone for a while.
type rest struct {
	until    time.Time
	declined bool // a machine said so; else it was found in use by a probe
}

// Withdraw forgets an offer that the machine did not take: it has chosen
// another server.
func (t *Table) Withdraw(mac net.HardwareAddr) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if l := t.byMAC[mac.String()]; l != nil && l.offered {
		t.drop(l)
	}
}

// Release ends the machine's lease of addr (RFC 2131 section 4.3.4). The
// address stays remembered as its own until another machine needs it.
func (t *Table) Release(mac net.HardwareAddr, addr netip.Addr) error {
	change := t.release(mac, addr)
	return t.journal.commit(change, t.save)
}

func (t *Table) release(mac net.HardwareAddr, addr netip.Addr) (change uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	l := t.byMAC[mac.String()]
	if l == nil || l.Addr != addr || !l.live(t.clock()) {
		return 0
	}
	l.Expires = t.clock()
	t.change++
	return t.change
}

// Decline lets addr rest, which its holder found in use by another (RFC 2131
// section 4.3.3). It reports whether the machine was its holder.
func (t *Table) Decline(mac net.HardwareAddr, addr netip.Addr) (bool, error) {
	change, held := t.decline(mac, addr)
	return held, t.journal.commit(change, t.save)
}

func (t *Table) decline(mac net.HardwareAddr, addr netip.Addr) (change uint64, held bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	l := t.byMAC[mac.String()]
	if l == nil || l.Addr != addr {
		return 0, false
	}
	t.drop(l)
	t.forgetDeclined()
	t.resting[addr] = rest{until: t.clock().Add(restTime), declined: true}
	t.change++
	return t.change, true
}

// Rest lets addr rest, which a probe found in use. An offer of it is void.
func (t *Table) Rest(addr netip.Addr) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if l := t.byAddr[addr]; l != nil {
		t.drop(l)
	}
	t.resting[addr] = rest{until: t.clock().Add(restTime)}
}

func (t *Table) drop(l *Lease) {
	delete(t.byMAC, l.MAC)
	delete(t.byAddr, l.Addr)
}

// forgetDeclined makes room for one more declined address.
func (t *Table) forgetDeclined() {
	declined := 0
	var oldest netip.Addr
	for addr, r := range t.resting {
		if !r.declined {
			continue
		}
		declined++
		if !oldest.IsValid() || r.until.Before(t.resting[oldest].until) {
			oldest = addr
		}
	}
	if declined >= maxDeclined {
		delete(t.resting, oldest)
	}
}

func (t *Table) rests(addr netip.Addr, now time.Time) bool {
	r, resting := t.resting[addr]
	if resting && !now.Before(r.until) {
		delete(t.resting, addr)
		return false
	}
	return resting
}
