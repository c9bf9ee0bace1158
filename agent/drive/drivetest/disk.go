// Package drivetest has a working disk in memory, with the faults that real
// drives have been seen to have.
package drivetest

import (
	"fmt"
	"io"
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"

	"regain.example/agent/drive"
)

// Disk is a disk in memory. It checks alignment as direct I/O does. The zero
// value of each fault is a disk without it.
type Disk struct {
	Sector int

	// DropWrite acknowledges a write to this sector and forgets it.
	DropWrite func(off int64) bool
	// WrapAt is the address at which the disk begins again at 0.
	WrapAt int64
	// Constant is what every read yields, repeated.
	Constant []byte
	// Former is what reads yield in place of what was written.
	Former []byte
	// FailWrite and FailRead say which sectors fail.
	FailWrite, FailRead func(off int64) bool
	// FlushError is what Flush returns.
	FlushError error
	// LoseUnflushed keeps what is written in a cache that Flush claims to
	// write out, and that closing the disk drops.
	LoseUnflushed bool
	// GoneAfter is the number of bytes read or written after which the disk
	// is unplugged.
	GoneAfter int64
	// OnIO is called before each request, OnFlush before each flush.
	OnIO, OnFlush func()

	mu    sync.Mutex
	data  []byte
	cache map[int64][]byte
	moved int64
}

// New returns a disk with these bytes.
func New(data []byte, sector int) *Disk {
	return &Disk{Sector: sector, data: data, cache: map[int64][]byte{}}
}

// Bytes is what is on the medium.
func (d *Disk) Bytes() []byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]byte(nil), d.data...)
}

// Change lets f alter the medium, as firmware does.
func (d *Disk) Change(f func(data []byte)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f(d.data)
}

// Gone reports whether the disk was unplugged.
func (d *Disk) Gone() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.gone()
}

func (d *Disk) gone() bool { return d.GoneAfter > 0 && d.moved >= d.GoneAfter }

// ReadAt implements drive.Device.
func (d *Disk) ReadAt(p []byte, off int64) (int, error) {
	return d.request(p, off, d.FailRead, func(sector []byte, off int64) {
		if cached, ok := d.cache[d.wrap(off)]; ok {
			copy(sector, cached)
			return
		}
		copy(sector, d.data[d.wrap(off):])
		if d.Former != nil {
			copy(sector, d.Former[off:])
		}
		for i := 0; d.Constant != nil && i < len(sector); i += len(d.Constant) {
			copy(sector[i:], d.Constant)
		}
	})
}

// WriteAt implements drive.Device.
func (d *Disk) WriteAt(p []byte, off int64) (int, error) {
	return d.request(p, off, d.FailWrite, func(sector []byte, off int64) {
		switch {
		case d.DropWrite != nil && d.DropWrite(off):
		case d.LoseUnflushed:
			d.cache[d.wrap(off)] = append([]byte(nil), sector...)
		default:
			copy(d.data[d.wrap(off):], sector)
		}
	})
}

func (d *Disk) request(p []byte, off int64, fails func(int64) bool, each func([]byte, int64)) (int, error) {
	if d.OnIO != nil {
		d.OnIO()
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.gone() {
		return 0, fmt.Errorf("%w (%w)", drive.ErrGone, unix.ENODEV)
	}
	if uintptr(unsafe.Pointer(unsafe.SliceData(p)))%uintptr(d.Sector) != 0 ||
		len(p)%d.Sector != 0 || off%int64(d.Sector) != 0 || off < 0 {
		return 0, unix.EINVAL
	}
	if off+int64(len(p)) > int64(len(d.data)) {
		return 0, io.EOF
	}
	for at := 0; at < len(p); at += d.Sector {
		if fails != nil && fails(off+int64(at)) {
			return at, unix.EIO
		}
		each(p[at:at+d.Sector], off+int64(at))
	}
	d.moved += int64(len(p))
	return len(p), nil
}

func (d *Disk) wrap(off int64) int64 {
	if d.WrapAt > 0 {
		return off % d.WrapAt
	}
	return off
}

// Flush implements drive.Device.
func (d *Disk) Flush() error {
	if d.OnFlush != nil {
		d.OnFlush()
	}
	return d.FlushError
}

// Size implements drive.Device.
func (d *Disk) Size() int64 { return int64(len(d.data)) }

// LogicalSector implements drive.Device.
func (d *Disk) LogicalSector() int { return d.Sector }

// Close implements drive.Device. The disk can be used again afterwards.
func (d *Disk) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	clear(d.cache)
	return nil
}
