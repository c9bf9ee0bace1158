package chain

import (
	"strings"

	"regain.example/boot"
)

// Saw takes note of what a machine did.
func (b *Book) Saw(s boot.Sighting) {
	b.mu.Lock()
	defer b.mu.Unlock()
	m := b.machine(s)
	if m == nil || !m.saw(s) {
		return
	}
	select {
	case b.dirt <- struct{}{}:
	default:
	}
}

// machine returns the machine of s. Only a loader's fetch makes a new one.
func (b *Book) machine(s boot.Sighting) *machine {
	mac := s.Client.MAC.String()
	if e := b.entries[mac]; e != nil {
		b.order.MoveToBack(e)
		return e.Value.(*machine)
	}
	if loader(s) == "" || wayOf(s.Client) == wayBIOS || len(s.Client.MAC) != 6 {
		return nil
	}
	if b.order.Len() >= maxMachines {
		oldest := b.order.Front()
		delete(b.entries, b.order.Remove(oldest).(*machine).MAC)
	}
	m := &machine{MAC: mac, Attempts: map[way]*attempt{}}
	b.entries[mac] = b.order.PushBack(m)
	return m
}

// loader is the chain that the firmware begins with s; "" if it begins none.
// GRUB's file begins none: shim asks for it, and iPXE may.
func loader(s boot.Sighting) boot.Chain {
	name := strings.TrimLeft(s.File, `/\`)
	switch {
	case s.Stage == boot.StageImageSize, s.Stage == boot.StageImage:
		return boot.ChainImage
	case s.Stage == boot.StageLoader && name == boot.FileShim:
		return boot.ChainShim
	case s.Stage == boot.StageLoader && name == boot.FileUEFI:
		return boot.ChainIPXE
	}
	return ""
}

// saw reports whether s taught anything new.
func (m *machine) saw(s boot.Sighting) bool {
	if chain := loader(s); chain != "" {
		return m.begin(wayOf(s.Client), chain, s.Stage)
	}
	a := m.Attempts[m.Open]
	if a == nil {
		return false
	}
	switch s.Stage {
	case boot.StageScript, boot.StageKernel, boot.StageInitramfs:
		if s.Chain == a.Chain {
			return a.reached(started)
		}
	case boot.StageLocalDisk, boot.StageRefused:
		return a.reached(ended) // the loader did what it was told
	case boot.StageAddress:
		// An image that was not fetched cannot have come to an agent.
		if s.By == boot.AskerSystem && (a.Reach == started || a.Chain == boot.ChainImage && m.fetched) {
			return a.reached(ended)
		}
	}
	return false
}

func (m *machine) begin(w way, chain boot.Chain, stage boot.Stage) bool {
	if w == wayBIOS {
		return false
	}
	if stage == boot.StageImage && m.Open == w && m.Attempts[w].Chain == chain && !m.fetched {
		m.fetched = true // what its size was asked for
		return false
	}
	a := again(chain, m.Attempts[w])
	m.Open, m.Attempts[w], m.fetched = w, &a, stage == boot.StageImage
	return true
}

func (a *attempt) reached(r reach) bool {
	if r <= a.Reach {
		return false
	}
	a.Reach = r
	a.Proven = a.Proven || r == ended
	return true
}
