package lies

import (
	"sync"

	"regain.example/agent/api"
	"regain.example/agent/drive"
	"regain.example/agent/erase"
	"regain.example/agent/nvme"
)

// op is one thing that is asked of a drive.
type op string

const (
	opRead    op = "read"
	opWrite   op = "write"
	opFlush   op = "flush"
	opCommand op = "command"
)

// changes reports whether an op may leave the drive other than it was, or in
// another state.
func (o op) changes() bool { return o != opRead }

// tap stands between the agent and the drives. Before each op that counts it
// calls hook with the op's number, from 1.
type tap struct {
	erase.Drives
	counts func(op) bool
	hook   func(n int)

	mu sync.Mutex
	n  int
}

func (t *tap) before(o op) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.counts(o) {
		return
	}
	t.n++
	if t.hook != nil {
		t.hook(t.n)
	}
}

// seen is how many ops were counted.
func (t *tap) seen() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.n
}

func (t *tap) Open(d api.Drive) (drive.Device, error) {
	dev, err := t.Drives.Open(d)
	if err != nil {
		return nil, err
	}
	return tapped{dev, t}, nil
}

func (t *tap) Admin(d api.Drive) (nvme.Transport, error) {
	admin, err := t.Drives.Admin(d)
	if err != nil {
		return nil, err
	}
	return tappedAdmin{admin, t}, nil
}

type tapped struct {
	drive.Device
	tap *tap
}

func (d tapped) ReadAt(p []byte, off int64) (int, error) {
	d.tap.before(opRead)
	return d.Device.ReadAt(p, off)
}

// ReadFUA implements drive.FUAReader.
func (d tapped) ReadFUA(p []byte, off int64) (int, error) {
	d.tap.before(opRead)
	return d.Device.(drive.FUAReader).ReadFUA(p, off)
}

func (d tapped) WriteAt(p []byte, off int64) (int, error) {
	d.tap.before(opWrite)
	return d.Device.WriteAt(p, off)
}

func (d tapped) Flush() error {
	d.tap.before(opFlush)
	return d.Device.Flush()
}

type tappedAdmin struct {
	nvme.Transport
	tap *tap
}

func (a tappedAdmin) Admin(c nvme.Command, data []byte) error {
	a.tap.before(opCommand)
	return a.Transport.Admin(c, data)
}
