package install

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"unsafe"
)

// memDrive is a drive in memory that demands what direct I/O demands, and that
// can be told to fail.
type memDrive struct {
	mu     sync.RWMutex
	data   []byte
	sector int
	writes atomic.Int64
	reads  atomic.Int64

	// onWrite may change what is stored at off, or fail; nil stores all.
	onWrite func(off int64, p []byte) ([]byte, error)
	// onRead may change what was read, or fail.
	onRead func(off int64, p []byte) error
	// onFlush may fail.
	onFlush func() error
}

var errMedium = errors.New("medium error")

func newMemDrive(size int64, sector int) *memDrive {
	return &memDrive{data: bytes.Repeat([]byte{0xa5}, int(size)), sector: sector}
}

func (d *memDrive) aligned(p []byte, off int64) error {
	s := int64(d.sector)
	if off%s != 0 || int64(len(p))%s != 0 || uintptr(unsafe.Pointer(unsafe.SliceData(p)))%4096 != 0 {
		return fmt.Errorf("direct I/O of %d bytes at %d from %p: invalid argument", len(p), off, p)
	}
	if off < 0 || off+int64(len(p)) > int64(len(d.data)) {
		return fmt.Errorf("access of %d bytes at %d: %w", len(p), off, io.EOF)
	}
	return nil
}

func (d *memDrive) WriteAt(p []byte, off int64) (int, error) {
	d.writes.Add(1)
	if err := d.aligned(p, off); err != nil {
		return 0, err
	}
	if d.onWrite != nil {
		stored, err := d.onWrite(off, bytes.Clone(p))
		if err != nil {
			return 0, err
		}
		d.mu.Lock()
		defer d.mu.Unlock()
		return copy(d.data[off:], stored), nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return copy(d.data[off:], p), nil
}

func (d *memDrive) ReadAt(p []byte, off int64) (int, error) {
	d.reads.Add(1)
	if err := d.aligned(p, off); err != nil {
		return 0, err
	}
	d.mu.RLock()
	n := copy(p, d.data[off:])
	d.mu.RUnlock()
	if d.onRead != nil {
		return n, d.onRead(off, p)
	}
	return n, nil
}

func (d *memDrive) Flush() error {
	if d.onFlush != nil {
		return d.onFlush()
	}
	return nil
}

func (d *memDrive) Size() int64        { return int64(len(d.data)) }
func (d *memDrive) LogicalSector() int { return d.sector }
func (d *memDrive) Close() error       { return nil }
