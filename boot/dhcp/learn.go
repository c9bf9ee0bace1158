package dhcp

import (
	"net/netip"

	"regain.example/boot"
)

// maxNoted bounds the machines of other servers' networks that are remembered.
const maxNoted = 4096

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

// Note takes down that the machine has addr from another server, and writes that
// down before it returns. Who was noted before with that address has it no more:
// the other server decides, and its latest word counts.
func (t *Table) Note(c boot.Client, addr netip.Addr) error {
	change := t.note(c, addr)
	return t.journal.commit(change, t.save)
}

func (t *Table) note(c boot.Client, addr netip.Addr) (change uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.clock()
	if t.byMAC[c.MAC.String()] == nil && len(t.byMAC) >= maxNoted {
		t.forgetOldest()
	}
	t.replace(t.lease(c, addr, now))
	t.change++
	return t.change
}

func (t *Table) forgetOldest() {
	var oldest *Lease
	for _, l := range t.byMAC {
		if oldest == nil || l.Expires.Before(oldest.Expires) {
			oldest = l
		}
	}
	t.drop(oldest)
}
