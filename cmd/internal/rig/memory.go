package rig

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// region is a part of the guest's memory, shared by QEMU.
type region struct {
	guest, size, user, offset uint64
	mem                       []byte
}

// memory translates the two kinds of address that vhost-user uses: the guest's
// physical ones in descriptors, and QEMU's own for the rings.
type memory []region

func (m memory) at(addr, n uint64, base func(region) uint64) ([]byte, error) {
	for _, r := range m {
		if b := base(r); addr >= b && n <= r.size && addr-b <= r.size-n {
			o := addr - b + r.offset
			return r.mem[o : o+n : o+n], nil
		}
	}
	return nil, fmt.Errorf("address %#x, %d bytes: outside the guest's memory", addr, n)
}

func (m memory) guest(addr, n uint64) ([]byte, error) {
	return m.at(addr, n, func(r region) uint64 { return r.guest })
}

func (m memory) user(addr, n uint64) ([]byte, error) {
	return m.at(addr, n, func(r region) uint64 { return r.user })
}

// mapMemory reads the payload of VHOST_USER_SET_MEM_TABLE; fds are closed.
func mapMemory(payload []byte, fds []int) (memory, error) {
	defer closeAll(fds)
	if len(payload) < 8 {
		return nil, fmt.Errorf("memory table of %d bytes", len(payload))
	}
	n := int(le.Uint32(payload))
	if n != len(fds) || len(payload) < 8+32*n {
		return nil, fmt.Errorf("memory table names %d regions, with %d files", n, len(fds))
	}
	var m memory
	for i := range n {
		p := payload[8+32*i:]
		r := region{guest: le.Uint64(p), size: le.Uint64(p[8:]), user: le.Uint64(p[16:]), offset: le.Uint64(p[24:])}
		b, err := unix.Mmap(fds[i], 0, int(r.size+r.offset), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
		if err != nil {
			m.unmap()
			return nil, fmt.Errorf("map guest memory: %w", err)
		}
		r.mem = b
		m = append(m, r)
	}
	return m, nil
}

func (m memory) unmap() {
	for _, r := range m {
		unix.Munmap(r.mem)
	}
}

func closeAll(fds []int) {
	for _, fd := range fds {
		unix.Close(fd)
	}
}
