package rig

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// Medium is what the drive really holds: a file, mapped.
type Medium struct {
	file  *os.File
	Bytes []byte
}

// openMedium maps the file, whose size is the drive's.
func openMedium(path string) (*Medium, error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return nil, fmt.Errorf("open medium: %w", err)
	}
	info, err := f.Stat()
	if err == nil && info.Size()%512 != 0 {
		err = fmt.Errorf("size %d is no multiple of 512", info.Size())
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("medium %s: %w", path, err)
	}
	b, err := unix.Mmap(int(f.Fd()), 0, int(info.Size()), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("map medium %s: %w", path, err)
	}
	return &Medium{f, b}, nil
}

func (m *Medium) close() error {
	err := unix.Munmap(m.Bytes)
	if cerr := m.file.Close(); err == nil {
		err = cerr
	}
	return err
}

// inside reports whether [off, off+n) lies on the medium.
func (m *Medium) inside(off uint64, n int) bool {
	size := uint64(len(m.Bytes))
	return off <= size && uint64(n) <= size-off
}
