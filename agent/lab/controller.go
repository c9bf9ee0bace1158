package lab

import (
	"fmt"
	"slices"
	"time"

	"regain.example/agent/nvme"
)

// NVMe says how an NVMe drive is made. Zero values stand for an ordinary one.
type NVMe struct {
	Model, Serial, Firmware string
	// OACS, FNA and SANICAP are what Identify Controller tells (Base figure
	// 275). The drive does what they say and no more.
	OACS    uint16
	FNA     uint8
	SANICAP uint32
	// Namespaces are numbered from 1.
	Namespaces []Namespace
	// Unallocated is capacity that belongs to no namespace, in bytes. It holds
	// former content too.
	Unallocated int64
	CacheBytes  int // of the write cache; 1 MiB if 0

	// SanitizeTime is how long a sanitize takes with the power on.
	// SanitizeReadings makes it take so many readings of its log as well.
	SanitizeTime     time.Duration
	SanitizeReadings int
}

// Namespace says how a namespace is made.
type Namespace struct {
	Bytes    int64
	Sector   int // bytes; 512 if 0
	EUI64    uint64
	Inactive bool // allocated, and not attached to the controller
	// Metadata and Protection are those of the format in use (NVM figure 97).
	Metadata   uint16
	Protection uint8
}

// Health is what the SMART / Health Information log tells (Base section 5.16.1.3).
type Health struct {
	Warning, Spare, SpareThreshold, Used      uint8
	PowerOnHours, MediaErrors, UnsafeShutdown uint64
}

// Controller is a working NVMe controller with its namespaces. Its exported
// fields are set before the drive is used.
type Controller struct {
	Lies   Lies
	Health Health
	// Celsius is its temperature; nil for a steady 35 degrees.
	Celsius func() int
	// OnCommand is called before each admin command.
	OnCommand func(nvme.Command)
	// RefusePurge refuses Purge Required although SANICAP bit 5 is set.
	RefusePurge bool
	// Refuse is a status with which commands of an opcode end, unread.
	Refuse map[nvme.Opcode]nvme.Status
	// SanitizeFailsAt is the progress at which a sanitize fails; 0 is never.
	SanitizeFailsAt uint16

	m          *Machine
	spec       NVMe
	number     int
	namespaces []*namespace
	spare      *volume // unallocated capacity
	op         *operation
	log        sanitizeLog
	sent       []nvme.Command
	serial     string
	unplugged  bool
}

// AddNVMe puts an NVMe drive into the machine.
func (m *Machine) AddNVMe(spec NVMe) *Controller {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := &Controller{m: m, spec: spec, number: len(m.powered), serial: spec.Serial, Health: Health{Spare: 100, SpareThreshold: 10}}
	if c.spec.CacheBytes == 0 {
		c.spec.CacheBytes = mib
	}
	for i, n := range spec.Namespaces {
		if n.Sector == 0 {
			n.Sector = 512
		}
		ns := &namespace{controller: c, spec: n, id: uint32(i + 1)}
		ns.v = newVolume(n.Bytes, n.Sector, c.spec.CacheBytes, former(ns.node()), &c.Lies)
		c.namespaces = append(c.namespaces, ns)
		if !n.Inactive {
			m.units = append(m.units, ns)
		}
	}
	c.spare = newVolume(spec.Unallocated, 512, 0, former(fmt.Sprintf("nvme%d unallocated", c.number)), &c.Lies)
	m.powered = append(m.powered, c)
	return c
}

// Sent lists the admin commands that were received, Identify excepted.
func (c *Controller) Sent() []nvme.Command {
	c.m.mu.Lock()
	defer c.m.mu.Unlock()
	return slices.Clone(c.sent)
}

// Unplug takes the drive away for good.
func (c *Controller) Unplug() {
	c.m.mu.Lock()
	defer c.m.mu.Unlock()
	c.unplugged = true
}

// UnplugAt takes the drive away at the machine's n-th step from now.
func (c *Controller) UnplugAt(n int, when Moment) {
	c.m.arm(n, when, func() { c.unplugged = true })
}

// Former counts the sectors of 512 bytes on the medium that hold anything of
// what was on the drive at first: in all namespaces, active or not, and in
// unallocated capacity.
func (c *Controller) Former() int {
	c.m.mu.Lock()
	defer c.m.mu.Unlock()
	count := 0
	for _, v := range c.volumes() {
		count += v.medium.countFormer()
	}
	return count
}

// Medium copies what lies on the medium of a namespace, whatever the drive says.
func (c *Controller) Medium(nsid uint32, p []byte, off int64) {
	c.m.mu.Lock()
	defer c.m.mu.Unlock()
	c.namespace(nsid).v.medium.read(p, off)
}

func (c *Controller) volumes() []*volume {
	var list []*volume
	for _, n := range c.namespaces {
		list = append(list, n.v)
	}
	return append(list, c.spare)
}

func (c *Controller) powerOff() {
	c.suspend()
	for _, v := range c.volumes() {
		v.powerOff()
	}
}

func (c *Controller) powerOn() {
	for _, v := range c.volumes() {
		v.powerOn()
	}
	c.resume()
}
