package control

import (
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"regain.example/agent/api"
	"regain.example/imager/bootwatch"
	"regain.example/imager/identity"
)

// maxBoots bounds how many machines are followed.
const maxBoots = 1024

// boots follows the machines that the boot servers see. Nothing of it is written
// down: a stranger costs no write, and a restart forgets.
type boots struct {
	mu     sync.Mutex
	each   map[string]*booting // by MAC address
	rivals []netip.Addr
}

// booting is one machine, as one MAC address.
type booting struct {
	client BootClient // joined from all that it said
	watch  bootwatch.Watch
}

func newBoots() *boots { return &boots{each: map[string]*booting{}} }

func (b *boots) saw(s BootSighting, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	m := b.each[s.Client.MAC]
	if m == nil {
		m = &booting{}
	}
	if !m.watch.See(bootwatch.Event{
		At: now, Stage: s.Stage, By: s.By, Chain: s.Chain, File: s.File, Detail: s.Detail,
		Arch: s.Client.Arch, UUID: s.Client.UUID, Serial: s.Client.Serial,
	}) {
		return
	}
	m.client = join(m.client, s.Client)
	if b.each[s.Client.MAC] == nil {
		b.room()
		b.each[s.Client.MAC] = m
	}
}

// room forgets the machine that was seen longest ago if there are too many.
func (b *boots) room() {
	if len(b.each) < maxBoots {
		return
	}
	oldest := ""
	for mac, m := range b.each {
		if oldest == "" || m.watch.At.Before(b.each[oldest].watch.At) {
			oldest = mac
		}
	}
	delete(b.each, oldest)
}

// join adds to what a machine said what it says now. Another machine behind the
// same address brings nothing along.
func join(before, now BootClient) BootClient {
	if u, v := identity.Canonical(before.UUID), identity.Canonical(now.UUID); u != "" && v != "" && u != v {
		return now
	}
	if now.UUID == "" {
		now.UUID = before.UUID
	}
	if now.Manufacturer+now.Product+now.Serial == "" {
		now.Manufacturer, now.Product, now.Serial = before.Manufacturer, before.Product, before.Serial
	}
	if !now.Addr.IsValid() || now.Addr.IsUnspecified() {
		now.Addr = before.Addr
	}
	return now
}

// reached takes note that the agent of a machine with these interfaces has
// registered.
func (b *boots) reached(nics []api.NIC) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, n := range nics {
		if m := b.each[strings.ToLower(n.MAC)]; m != nil {
			m.watch.Reached()
		}
	}
}

// last is the boot seen last through one of the interfaces; zero if none was.
func (b *boots) last(nics []api.NIC) (w bootwatch.Watch) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, n := range nics {
		if m := b.each[strings.ToLower(n.MAC)]; m != nil && m.watch.At.After(w.At) {
			w = m.watch
		}
	}
	return w
}

// others notes the other DHCP servers, and reports whether they are others than
// before.
func (b *boots) others(servers []netip.Addr) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := slices.Clone(servers)
	slices.SortFunc(now, netip.Addr.Compare)
	changed := !slices.Equal(now, b.rivals)
	b.rivals = now
	return changed
}

// now copies what is followed: who answers takes his time, and the boot servers
// do not wait for him.
func (b *boots) now() (each map[string]booting, rivals []netip.Addr) {
	b.mu.Lock()
	defer b.mu.Unlock()
	each = make(map[string]booting, len(b.each))
	for mac, m := range b.each {
		each[mac] = *m
	}
	return each, slices.Clone(b.rivals)
}

// name is what people call the machine; it may be empty.
func (b BootClient) name() string {
	return strings.Join(strings.Fields(b.Manufacturer+" "+b.Product+" "+b.Serial), " ")
}
