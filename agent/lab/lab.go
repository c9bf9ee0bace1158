// Package lab is the drive laboratory: a machine with working drives in memory,
// on which every erasure, every power cut and every lie of a firmware can be
// tried. It is for tests only.
//
// A drive is a state machine written from the specifications' tables (the
// sections are cited where they are used), and keeps real bytes: the medium
// survives power cuts, the write cache does not. What a drive says is encoded
// here from those tables and never by the code under test. "Base" is the NVM
// Express Base Specification 2.0c, "Base 2.3" its revision 2.3, "NVM" the NVM
// Command Set Specification 1.0c, ACS-4 the ATA Command Set. Lies lists what
// firmware has been seen to do.
//
// Machine is what agent/erase works on. Former content, unique for each sector,
// is on every drive from the start, and Former counts what is left of it on
// the medium, whatever the drive says.
package lab

import (
	"fmt"
	"sync"
	"time"

	"regain.example/agent/api"
	"regain.example/agent/drive"
	"regain.example/agent/nvme"
)

// Machine is a machine with its drives and its power supply.
type Machine struct {
	// OnCut is called when what was armed comes: a power cut, for example to
	// stop the agent, which has lost its power too, or a drive's unplugging.
	OnCut func()

	mu    sync.Mutex
	off   bool
	boot  int
	steps int
	armed *cut
	units []unit
	// powered is what a power cut reaches.
	powered []powered
	opened  map[unit]bool
	began   time.Time
}

// powered is a controller or a disk.
type powered interface {
	powerOff()
	powerOn()
}

// unit is one drive of the machine: a namespace or an ATA disk.
type unit interface {
	describe() (api.Drive, error)
	health() api.Health
	raw() (api.Identify, error)

	// The following are called with the machine's lock held.
	gone() bool
	fua() bool      // reads with Force Unit Access are possible
	blocked() error // what every read, write and flush ends with; nil if none does
	written()       // something is being written
	volume() *volume
}

// New returns a machine without drives, its power on.
func New() *Machine { return &Machine{began: time.Now(), opened: map[unit]bool{}} }

func (m *Machine) generation() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.boot
}

// now is the time since the machine was made.
func (m *Machine) now() time.Duration { return time.Since(m.began) }

// Drives takes stock: every drive that can be seen, as drive.Host lists them.
func (m *Machine) Drives() []api.Drive {
	var drives []api.Drive
	for _, u := range m.present() {
		if d, err := u.describe(); err == nil {
			drives = append(drives, d)
		}
	}
	return drives
}

func (m *Machine) present() []unit {
	m.mu.Lock()
	defer m.mu.Unlock()
	var list []unit
	for _, u := range m.units {
		if !m.off && !u.gone() {
			list = append(list, u)
		}
	}
	return list
}

// find returns the drive that stands at a node now.
func (m *Machine) find(node string) (unit, api.Drive, error) {
	for _, u := range m.present() {
		d, err := u.describe()
		if err == nil && d.Node == node {
			return u, d, nil
		}
	}
	return nil, api.Drive{}, drive.ErrGone
}

// Identify describes anew what stands at the node of d.
func (m *Machine) Identify(d api.Drive) (api.Drive, error) {
	_, now, err := m.find(d.Node)
	if err != nil {
		return api.Drive{}, fmt.Errorf("identify %s: %w", d.Node, err)
	}
	return now, nil
}

// Admin opens the admin queue of the controller of an NVMe drive.
func (m *Machine) Admin(d api.Drive) (nvme.Transport, error) {
	u, _, err := m.find(d.Node)
	if err != nil {
		return nil, fmt.Errorf("open the admin queue of %s: %w", d.Node, err)
	}
	if n, ok := u.(*namespace); ok {
		return &transport{n.controller, m.generation()}, nil
	}
	return nil, fmt.Errorf("open the admin queue of %s: not an NVMe drive", d.Node)
}

// Health asks a drive for its condition.
func (m *Machine) Health(d api.Drive) api.Health {
	u, _, err := m.find(d.Node)
	if err != nil {
		return api.Health{Error: err.Error()}
	}
	return u.health()
}

// IdentifyData asks a drive for what it says of itself, raw.
func (m *Machine) IdentifyData(d api.Drive) (api.Identify, error) {
	u, _, err := m.find(d.Node)
	if err != nil {
		return api.Identify{}, fmt.Errorf("identify %s: %w", d.Node, err)
	}
	return u.raw()
}

// NativeBytes is the size of an NVMe drive over all namespaces.
func (m *Machine) NativeBytes(d api.Drive) uint64 {
	if d.NVMe != nil {
		return d.NVMe.TotalBytes
	}
	return 0
}
