package dhcp

import (
	"net"
	"net/netip"
	"time"
)

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
	t.mu.Lock()
	defer t.mu.Unlock()
	l := t.byMAC[mac.String()]
	if l == nil || l.Addr != addr || !l.live(t.clock()) {
		return nil
	}
	l.Expires = t.clock()
	return t.save()
}

// Decline lets addr rest, which its holder found in use by another (RFC 2131
// section 4.3.3). It reports whether the machine was its holder.
func (t *Table) Decline(mac net.HardwareAddr, addr netip.Addr) (bool, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	l := t.byMAC[mac.String()]
	if l == nil || l.Addr != addr {
		return false, nil
	}
	t.drop(l)
	if len(t.declined) >= maxDeclined {
		t.forgetOldestDeclined()
	}
	t.declined[addr] = t.clock().Add(declinedTime)
	return true, t.save()
}

func (t *Table) drop(l *Lease) {
	delete(t.byMAC, l.MAC)
	delete(t.byAddr, l.Addr)
}

func (t *Table) forgetOldestDeclined() {
	var oldest netip.Addr
	for addr, until := range t.declined {
		if !oldest.IsValid() || until.Before(t.declined[oldest]) {
			oldest = addr
		}
	}
	delete(t.declined, oldest)
}

func (t *Table) resting(addr netip.Addr, now time.Time) bool {
	until, declined := t.declined[addr]
	if declined && !now.Before(until) {
		delete(t.declined, addr)
		return false
	}
	return declined
}
