package control

import (
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"regain.example/agent/api"
	"regain.example/imager"
	"regain.example/imager/bootwatch"
	"regain.example/imager/identity"
)

const (
	// maxBoots bounds how many machines are followed.
	maxBoots = 1024
	// showBoot is how long a machine that was not seen again is shown, showDisk
	// one that was sent to its own disk.
	showBoot = 2 * time.Hour
	showDisk = 10 * time.Minute
)

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

// servers are the other DHCP servers.
func (b *boots) servers() []netip.Addr {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.rivals)
}

// of lists who is on the way to the agent, latest first. held says of an address
// that an operator is asked.
func (b *boots) of(machines []imager.Machine, now time.Time, held func(mac string) bool) []imager.Boot {
	known := knownMachines(machines)
	b.mu.Lock()
	defer b.mu.Unlock()
	list := []imager.Boot{}
	for mac, m := range b.each {
		w := &m.watch
		waits := held(mac)
		if w.Arrived || !waits && now.Sub(w.At) > shownFor(w.Stage) {
			continue
		}
		boot := imager.Boot{
			MAC: mac, Addr: m.client.Addr, UUID: m.client.UUID, Name: m.client.name(),
			Machine: identity.FromBoot(mac, m.client.UUID, m.client.Serial, known),
			Arch:    w.Arch, Stage: w.Stage, Chain: w.Chain, At: w.At, Began: w.Began, Tries: w.Tries(),
			Held: waits, Trouble: w.Trouble(now, len(b.rivals) > 0),
		}
		if waits {
			boot.Trouble = w.Hold()
		}
		list = append(list, boot)
	}
	slices.SortFunc(list, func(a, b imager.Boot) int {
		if c := b.At.Compare(a.At); c != 0 {
			return c
		}
		return strings.Compare(a.MAC, b.MAC)
	})
	return list
}

func shownFor(stage string) time.Duration {
	if stage == "local-disk" {
		return showDisk
	}
	return showBoot
}

func knownMachines(machines []imager.Machine) []identity.Known {
	known := make([]identity.Known, len(machines))
	for i, m := range machines {
		known[i] = identity.Known{Number: m.Number, Inventory: m.Inventory}
	}
	return known
}

// name is what people call the machine; it may be empty.
func (b BootClient) name() string {
	return strings.Join(strings.Fields(b.Manufacturer+" "+b.Product+" "+b.Serial), " ")
}
