package rig

import (
	"fmt"
	"io"
	"net"

	"golang.org/x/sys/unix"
)

// The requests of vhost-user that QEMU's vhost-user-scsi sends (QEMU,
// docs/interop/vhost-user, "Front-end message types").
const (
	reqGetFeatures         = 1
	reqSetFeatures         = 2
	reqSetOwner            = 3
	reqSetMemTable         = 5
	reqSetVringNum         = 8
	reqSetVringAddr        = 9
	reqSetVringBase        = 10
	reqGetVringBase        = 11
	reqSetVringKick        = 12
	reqSetVringCall        = 13
	reqSetVringErr         = 14
	reqGetProtocolFeatures = 15
	reqSetProtocolFeatures = 16
	reqSetVringEnable      = 18
)

const (
	featureVersion1         = 1 << 32
	featureProtocolFeatures = 1 << 30

	flagVersion = 1
	flagReply   = 4

	maxQueues  = 8
	maxPayload = 4096
	// requestQueue is the first queue that carries commands: 0 is control,
	// 1 events (section 5.6.2 of the virtio specification).
	requestQueue = 2
)

// frontend is one connection of QEMU.
type frontend struct {
	conn   *net.UnixConn
	drive  *Drive
	mem    memory
	former []memory // maps that a running queue may still look into
	queues [maxQueues]queue
}

// serveFrontend speaks with one QEMU until it goes away. A QEMU that breaks the
// protocol is cut off; the drive waits for the next.
func serveFrontend(c *net.UnixConn, d *Drive) {
	f := &frontend{conn: c, drive: d}
	for i := range f.queues {
		q := &f.queues[i]
		q.kick, q.call, q.stop = -1, -1, -1
	}
	defer f.close()
	for f.next() == nil {
	}
}

func (f *frontend) close() {
	for i := range f.queues {
		f.queues[i].end()
		closeFD(&f.queues[i].call)
	}
	for _, m := range append(f.former, f.mem) {
		m.unmap()
	}
}

// next reads one message and acts on it.
func (f *frontend) next() error {
	head, oob := make([]byte, 12), make([]byte, 256)
	n, on, _, _, err := f.conn.ReadMsgUnix(head, oob)
	if err != nil {
		return err
	}
	if n == 0 {
		return io.EOF
	}
	fds, err := rights(oob[:on])
	if err != nil {
		return err
	}
	size := le.Uint32(head[8:])
	if n != len(head) || size > maxPayload {
		closeAll(fds)
		return fmt.Errorf("message of %d bytes with a payload of %d", n, size)
	}
	payload := make([]byte, size)
	if _, err := io.ReadFull(f.conn, payload); err != nil {
		closeAll(fds)
		return err
	}
	return f.handle(le.Uint32(head), payload, fds)
}

func rights(oob []byte) ([]int, error) {
	if len(oob) == 0 {
		return nil, nil
	}
	messages, err := unix.ParseSocketControlMessage(oob)
	if err != nil {
		return nil, err
	}
	var fds []int
	for i := range messages {
		more, err := unix.ParseUnixRights(&messages[i])
		if err != nil {
			return nil, err
		}
		fds = append(fds, more...)
	}
	return fds, nil
}

func (f *frontend) handle(request uint32, payload []byte, fds []int) error {
	switch request {
	case reqGetFeatures:
		return f.reply(request, le.AppendUint64(nil, featureVersion1|featureProtocolFeatures))
	case reqGetProtocolFeatures:
		return f.reply(request, make([]byte, 8))
	case reqSetFeatures, reqSetOwner, reqSetVringErr, reqSetProtocolFeatures, reqSetVringEnable:
		closeAll(fds)
		return nil
	case reqSetMemTable:
		m, err := mapMemory(payload, fds)
		if err != nil {
			return err
		}
		// The guest's memory was laid out anew, which does not stop its
		// queues. The pages are the same.
		f.former = append(f.former, f.mem)
		f.mem = m
		return nil
	}
	q, i, err := f.queueOf(request, payload)
	if err != nil {
		closeAll(fds)
		return err
	}
	switch request {
	case reqSetVringNum:
		q.num = le.Uint32(payload[4:])
	case reqSetVringAddr:
		if len(payload) < 32 {
			return fmt.Errorf("ring addresses of %d bytes", len(payload))
		}
		q.desc, q.used, q.avail = le.Uint64(payload[8:]), le.Uint64(payload[16:]), le.Uint64(payload[24:])
	case reqSetVringBase:
		q.next = uint16(le.Uint32(payload[4:]))
	case reqGetVringBase:
		// The request stops the ring: the guest was reset.
		q.end()
		b := le.AppendUint32(nil, uint32(i))
		return f.reply(request, le.AppendUint32(b, uint32(q.next)))
	case reqSetVringCall:
		closeFD(&q.call)
		if len(fds) > 0 {
			q.call = fds[0]
		}
	case reqSetVringKick:
		if len(fds) == 0 {
			return nil
		}
		q.end()
		q.kick = fds[0]
		return q.start(f.mem, f.drive.handlerOf(i))
	default:
		closeAll(fds)
		return fmt.Errorf("request %d is not known", request)
	}
	return nil
}

func (f *frontend) queueOf(request uint32, payload []byte) (*queue, int, error) {
	if len(payload) < 8 {
		return nil, 0, fmt.Errorf("request %d with %d bytes", request, len(payload))
	}
	i := int(payload[0])
	if i >= maxQueues {
		return nil, 0, fmt.Errorf("queue %d is not offered", i)
	}
	return &f.queues[i], i, nil
}

func (f *frontend) reply(request uint32, payload []byte) error {
	b := le.AppendUint32(nil, request)
	b = le.AppendUint32(b, flagVersion|flagReply)
	b = le.AppendUint32(b, uint32(len(payload)))
	_, err := f.conn.Write(append(b, payload...))
	return err
}
