// Package drive finds the drives of this machine and opens them.
package drive

import (
	"fmt"
	"unsafe"

	"regain.example/agent/nvme"
)

// Device is one open disk. Reads and writes go past the page cache: buffers come
// from Buffer, and offsets and lengths are multiples of LogicalSector. Several
// goroutines may read and write at once.
//
// The caller owns the disk alone: Open fails while a file system, a swap area
// or another process holds it.
type Device interface {
	ReadAt(p []byte, off int64) (int, error)
	WriteAt(p []byte, off int64) (int, error)
	// Flush returns when everything written is on the medium, as far as the
	// drive tells.
	Flush() error
	// Size is in bytes.
	Size() int64
	LogicalSector() int
	Close() error
}

// FUAReader is a Device that reads from its medium. Only NVMe drives are, for
// now.
type FUAReader interface {
	// ReadFUA reads as ReadAt does, but past the drive's own cache: what the
	// cache holds for these sectors is written to the medium, then read from
	// there. The error is ErrNoFUA if the drive cannot.
	ReadFUA(p []byte, off int64) (int, error)
}

// ErrNoFUA means that a drive cannot be read past its own cache.
var ErrNoFUA = nvme.ErrNoFUA

// ReadFUA reads from the medium of a device. The error is ErrNoFUA if the device
// has no means to; then nothing was read.
func ReadFUA(d Device, p []byte, off int64) (int, error) {
	if r, ok := d.(FUAReader); ok {
		return r.ReadFUA(p, off)
	}
	return 0, fmt.Errorf("read with FUA: %w", ErrNoFUA)
}

// bufferAlign satisfies direct I/O on every logical sector size in use.
const bufferAlign = 4096

// Buffer returns n zeroed bytes whose address suits direct I/O.
func Buffer(n int) []byte {
	b := make([]byte, n+bufferAlign)
	skip := -int(uintptr(unsafe.Pointer(unsafe.SliceData(b)))) & (bufferAlign - 1)
	return b[skip : skip+n : skip+n]
}
