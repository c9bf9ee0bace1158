package lab

import (
	"fmt"

	"regain.example/agent/api"
)

// ATA says how an ATA disk is made.
type ATA struct {
	Model, Serial, Firmware string
	Bytes                   int64
	Sector                  int    // bytes; 512 if 0
	WWN                     uint64 // NAA; 0 for none
	CacheBytes              int    // of the write cache; 1 MiB if 0
	Rotational              bool
	// Features are the command sets that the disk has beyond reading and
	// writing.
	Features []Feature
}

// Feature is a set of ATA commands, such as Sanitize Device or Security. All of
// its methods are called with the machine's lock held.
type Feature interface {
	// Identify sets the feature's words of the IDENTIFY DEVICE data.
	Identify(words *[256]uint16)
	// Do runs a command; ok is false for one that is not of this set.
	Do(d *Disk, in Registers, data []byte) (out Registers, ok bool)
	// Blocked says that reads and writes are aborted.
	Blocked(d *Disk) bool
	// PowerOff and PowerOn are what a power cut does.
	PowerOff(d *Disk)
	PowerOn(d *Disk)
}

// Disk is a working ATA disk. Its exported fields are set before it is used.
type Disk struct {
	Lies Lies

	m         *Machine
	spec      ATA
	node      string
	place     int
	v         *volume
	unplugged bool
}

// AddATA puts an ATA disk into the machine.
func (m *Machine) AddATA(spec ATA) *Disk {
	m.mu.Lock()
	defer m.mu.Unlock()
	if spec.Sector == 0 {
		spec.Sector = 512
	}
	if spec.CacheBytes == 0 {
		spec.CacheBytes = mib
	}
	d := &Disk{m: m, spec: spec, place: len(m.powered), node: "sd" + string(rune('a'+len(m.powered)))}
	d.v = newVolume(spec.Bytes, spec.Sector, spec.CacheBytes, former(d.node), &d.Lies)
	m.units = append(m.units, d)
	m.powered = append(m.powered, d)
	return d
}

// Former counts the sectors of 512 bytes on the medium that hold anything of
// what was on the disk at first.
func (d *Disk) Former() int {
	d.m.mu.Lock()
	defer d.m.mu.Unlock()
	return d.v.medium.countFormer()
}

// Medium copies what lies on the medium, whatever the disk says.
func (d *Disk) Medium(p []byte, off int64) {
	d.m.mu.Lock()
	defer d.m.mu.Unlock()
	d.v.medium.read(p, off)
}

// Unplug takes the disk away for good.
func (d *Disk) Unplug() {
	d.m.mu.Lock()
	defer d.m.mu.Unlock()
	d.unplugged = true
}

func (d *Disk) describe() (api.Drive, error) {
	found := api.Drive{
		Node: d.node, Bus: api.BusATA, Model: d.spec.Model, Serial: d.spec.Serial, Firmware: d.spec.Firmware,
		Location:  fmt.Sprintf("pci0000:00/0000:00:1f.2/ata-port%d", d.place),
		SizeBytes: uint64(d.spec.Bytes), LogicalSector: uint32(d.spec.Sector), PhysicalSector: 4096,
		Rotational: d.spec.Rotational,
	}
	if d.spec.WWN != 0 {
		found.WWN = fmt.Sprintf("naa.%016x", d.spec.WWN)
	}
	return found, nil
}

func (d *Disk) volume() *volume    { return d.v }
func (d *Disk) gone() bool         { return d.unplugged }
func (d *Disk) fua() bool          { return false }
func (d *Disk) written()           {}
func (d *Disk) health() api.Health { return api.Health{Error: "health of this disk is not read"} }

func (d *Disk) powerOff() {
	d.v.powerOff()
	for _, f := range d.spec.Features {
		f.PowerOff(d)
	}
}

func (d *Disk) powerOn() {
	d.v.powerOn()
	for _, f := range d.spec.Features {
		f.PowerOn(d)
	}
}
