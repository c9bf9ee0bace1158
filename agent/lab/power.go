package lab

import (
	"fmt"

	"golang.org/x/sys/unix"

	"regain.example/agent/drive"
)

// Moment says where in a step a power cut falls. Whoever asked for the step
// gets no answer in any case.
type Moment int

// The moments.
const (
	Before Moment = iota // the drive has not received the command
	Amid                 // the drive has done a part of it
	After                // the drive has done it
)

type cut struct {
	step int
	when Moment
	do   func()
}

// Steps is how many steps the drives have taken: admin commands, reads, writes
// and flushes. A run without a cut tells how many there are to cut at.
func (m *Machine) Steps() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.steps
}

// CutAt arms a power cut at the n-th step from now; the next one is 1.
func (m *Machine) CutAt(n int, when Moment) { m.arm(n, when, m.cutPower) }

func (m *Machine) arm(n int, when Moment, do func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.armed = &cut{m.steps + n, when, do}
}

// PowerCut cuts the power now.
func (m *Machine) PowerCut() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.cutPower()
}

func (m *Machine) cutPower() {
	if m.off {
		return
	}
	for _, p := range m.powered {
		p.powerOff()
	}
	m.off = true
	clear(m.opened)
}

// PowerOn turns the power on again. A sanitize goes on where it was.
func (m *Machine) PowerOn() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.off {
		return
	}
	m.off = false
	m.boot++
	for _, p := range m.powered {
		p.powerOn()
	}
}

// errGone is what the kernel answers for a device that has no power.
var errGone = fmt.Errorf("%w (%w)", drive.ErrGone, unix.ENODEV)

// step lets a drive do one thing, unless its power is or gets cut. act is told
// when it is to do only a part. gone is asked with the machine's lock held.
func (m *Machine) step(gone func() bool, act func(amid bool) error) error {
	err, cutNow := m.tryStep(gone, act)
	if cutNow && m.OnCut != nil {
		m.OnCut()
	}
	return err
}

func (m *Machine) tryStep(gone func() bool, act func(amid bool) error) (err error, cutNow bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.off || gone() {
		return errGone, false
	}
	m.steps++
	if m.armed == nil || m.steps < m.armed.step {
		return act(false), false
	}
	armed := m.armed
	m.armed = nil
	if armed.when != Before {
		act(armed.when == Amid) //nolint:errcheck // nobody hears the answer
	}
	armed.do()
	return errGone, true
}
