package lab

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"

	"regain.example/agent/api"
	"regain.example/agent/drive"
)

// Open opens a drive as drive.Host does: alone, and only if the drive with the
// identity of d stands at its node.
func (m *Machine) Open(d api.Drive) (drive.Device, error) {
	u, now, err := m.find(d.Node)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", d.Node, err)
	}
	if now.ID() != d.ID() {
		return nil, fmt.Errorf("open %s: %w: it was %s, it is %s", d.Node, drive.ErrChanged, d.ID(), now.ID())
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.opened[u] {
		return nil, fmt.Errorf("open %s: something else uses it: %w", d.Node, unix.EBUSY)
	}
	m.opened[u] = true
	return &device{m: m, boot: m.boot, unit: u, size: int64(now.SizeBytes), sector: int(now.LogicalSector)}, nil
}

// device is an open drive.
type device struct {
	m      *Machine
	boot   int
	unit   unit
	size   int64
	sector int
}

// gone is also true for what was opened before a power cut.
func (d *device) gone() bool { return d.boot != d.m.boot || d.unit.gone() }

func (d *device) ReadAt(p []byte, off int64) (n int, err error) {
	return d.read(p, off, false)
}

// ReadFUA implements drive.FUAReader.
func (d *device) ReadFUA(p []byte, off int64) (n int, err error) {
	if !d.unit.fua() {
		return 0, fmt.Errorf("read with FUA: %w", drive.ErrNoFUA)
	}
	return d.read(p, off, true)
}

func (d *device) read(p []byte, off int64, fua bool) (n int, err error) {
	err = d.m.step(d.gone, func(bool) error {
		if err := d.unit.blocked(); err != nil {
			return err
		}
		n, err = d.unit.volume().read(p, off, fua)
		return err
	})
	return n, err
}

func (d *device) WriteAt(p []byte, off int64) (n int, err error) {
	err = d.m.step(d.gone, func(amid bool) error {
		if err := d.unit.blocked(); err != nil {
			return err
		}
		d.unit.written()
		if amid {
			p = p[:len(p)/d.sector/2*d.sector]
		}
		n, err = d.unit.volume().write(p, off)
		return err
	})
	return n, err
}

func (d *device) Flush() error {
	return d.m.step(d.gone, func(amid bool) error {
		if err := d.unit.blocked(); err != nil {
			return err
		}
		return d.unit.volume().flush(amid)
	})
}

func (d *device) Size() int64        { return d.size }
func (d *device) LogicalSector() int { return d.sector }

func (d *device) Close() error {
	d.m.mu.Lock()
	defer d.m.mu.Unlock()
	delete(d.m.opened, d.unit)
	return nil
}

// aligned reports whether a buffer suits direct I/O.
func aligned(p []byte, sector int) bool {
	return uintptr(unsafe.Pointer(unsafe.SliceData(p)))%uintptr(sector) == 0
}
