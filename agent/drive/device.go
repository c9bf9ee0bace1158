// Package drive finds the drives of this machine and opens them.
package drive

import "unsafe"

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

// bufferAlign satisfies direct I/O on every logical sector size in use.
const bufferAlign = 4096

// Buffer returns n zeroed bytes whose address suits direct I/O.
func Buffer(n int) []byte {
	b := make([]byte, n+bufferAlign)
	skip := -int(uintptr(unsafe.Pointer(unsafe.SliceData(b)))) & (bufferAlign - 1)
	return b[skip : skip+n : skip+n]
}
