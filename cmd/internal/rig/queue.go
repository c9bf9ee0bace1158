package rig

import (
	"encoding/binary"
	"fmt"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

var le, be = binary.LittleEndian, binary.BigEndian

// queue is one split virtqueue (Virtual I/O Device specification 1.2, section
// 2.7).
type queue struct {
	num               uint32
	desc, used, avail uint64 // addresses in QEMU
	next              uint16
	kick, call        int // eventfds; -1 for none
	stop              int // eventfd that ends the worker; -1 when none runs
	done              chan struct{}
}

// start serves the queue in a worker of its own.
func (q *queue) start(m memory, h handler) error {
	stop, err := unix.Eventfd(0, unix.EFD_CLOEXEC)
	if err != nil {
		return err
	}
	q.stop, q.done = stop, make(chan struct{})
	done := q.done
	go func() {
		defer close(done)
		q.run(m, h)
	}()
	return nil
}

// end stops the worker, if one runs, and forgets the guest's doorbell.
func (q *queue) end() {
	if q.stop >= 0 {
		unix.Write(q.stop, []byte{1, 0, 0, 0, 0, 0, 0, 0})
		<-q.done
		closeFD(&q.stop)
	}
	closeFD(&q.kick)
}

func closeFD(fd *int) {
	if *fd >= 0 {
		unix.Close(*fd)
		*fd = -1
	}
}

// Descriptor flags (section 2.7.5).
const (
	descNext  = 1
	descWrite = 2
)

// handler takes the guest's bytes and the room for the answer, and returns how
// many bytes of the room are valid.
type handler func(out, in [][]byte) uint32

// run serves the queue until end.
func (q *queue) run(m memory, h handler) error {
	n := uint64(q.num)
	if n == 0 {
		return fmt.Errorf("queue of size 0")
	}
	desc, err := m.user(q.desc, 16*n)
	if err != nil {
		return err
	}
	avail, err := m.user(q.avail, 6+2*n)
	if err != nil {
		return err
	}
	used, err := m.user(q.used, 6+8*n)
	if err != nil {
		return err
	}
	event := make([]byte, 8)
	for {
		fds := []unix.PollFd{{Fd: int32(q.kick), Events: unix.POLLIN}, {Fd: int32(q.stop), Events: unix.POLLIN}}
		if _, err := unix.Poll(fds, -1); err != nil && err != unix.EINTR {
			return fmt.Errorf("wait for the guest: %w", err)
		}
		if fds[1].Revents != 0 {
			return nil
		}
		unix.Read(q.kick, event)
		served := false
		for index(avail) != q.next {
			head := le.Uint16(avail[4+2*(uint64(q.next)%n):])
			q.next++
			out, in, err := chain(m, desc, head)
			if err != nil {
				return err
			}
			written := h(out, in)
			i := index(used)
			elem := used[4+8*(uint64(i)%n):]
			le.PutUint32(elem, uint32(head))
			le.PutUint32(elem[4:], written)
			setIndex(used, i+1)
			served = true
		}
		if served && q.call >= 0 {
			unix.Write(q.call, []byte{1, 0, 0, 0, 0, 0, 0, 0})
		}
	}
}

// index is the ring's idx, which shares an aligned word with its flags.
func index(ring []byte) uint16 {
	return uint16(atomic.LoadUint32((*uint32)(unsafe.Pointer(&ring[0]))) >> 16)
}

func setIndex(ring []byte, i uint16) {
	atomic.StoreUint32((*uint32)(unsafe.Pointer(&ring[0])), uint32(i)<<16)
}

// chain collects the buffers of one request: what the guest sends, and where it
// wants the answer.
func chain(m memory, desc []byte, head uint16) (out, in [][]byte, err error) {
	limit := len(desc) / 16
	for d, i := head, 0; ; i++ {
		if int(d) >= limit || i >= limit {
			return nil, nil, fmt.Errorf("descriptor chain from %d is broken", head)
		}
		e := desc[16*int(d):]
		b, err := m.guest(le.Uint64(e), uint64(le.Uint32(e[8:])))
		if err != nil {
			return nil, nil, err
		}
		flags := le.Uint16(e[12:])
		if flags&descWrite != 0 {
			in = append(in, b)
		} else {
			out = append(out, b)
		}
		if flags&descNext == 0 {
			return out, in, nil
		}
		d = le.Uint16(e[14:])
	}
}
