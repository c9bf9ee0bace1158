package lab

import (
	"regain.example/agent/nvme"
)

// Statuses, by Base figures 96 to 98: status code type in bits 10:8, status code
// in bits 7:0.
const (
	invalidOpcode      = 0x001
	invalidField       = 0x002
	invalidNamespace   = 0x00b
	sanitizeFailed     = 0x01c
	sanitizeInProgress = 0x01d
	invalidLogPage     = 0x109
	invalidFormat      = 0x10a
)

// Opcodes of admin commands (Base figure 138).
const (
	opDeleteSQ    = 0x00
	opCreateSQ    = 0x01
	opGetLogPage  = 0x02
	opDeleteCQ    = 0x04
	opCreateCQ    = 0x05
	opIdentify    = 0x06
	opAbort       = 0x08
	opSetFeatures = 0x09
	opGetFeatures = 0x0a
	opAsyncEvent  = 0x0c
	opKeepAlive   = 0x18
	opFormat      = 0x80
	opSanitize    = 0x84
)

// transport is an open admin queue.
type transport struct {
	c    *Controller
	boot int
}

// Close implements nvme.Transport.
func (t *transport) Close() error { return nil }

// Admin implements nvme.Transport.
func (t *transport) Admin(cmd nvme.Command, data []byte) error {
	if t.c.OnCommand != nil {
		t.c.OnCommand(cmd)
	}
	gone := func() bool { return t.boot != t.c.m.boot || t.c.unplugged }
	return t.c.m.step(gone, func(amid bool) error {
		if cmd.Opcode != opIdentify {
			t.c.sent = append(t.c.sent, cmd)
		}
		return t.c.run(cmd, data, amid)
	})
}

// inside is an admin queue whose commands are no steps: taking stock of the
// machine does not count.
type inside struct{ c *Controller }

func (i inside) Close() error { return nil }

func (i inside) Admin(cmd nvme.Command, data []byte) error {
	i.c.m.mu.Lock()
	defer i.c.m.mu.Unlock()
	if i.c.m.off || i.c.unplugged {
		return errGone
	}
	return i.c.run(cmd, data, false)
}

// run executes an admin command. amid, it gets only part of the way.
func (c *Controller) run(cmd nvme.Command, data []byte, amid bool) error {
	c.advance()
	if status, ok := c.Refuse[cmd.Opcode]; ok {
		return ended(cmd, uint16(status))
	}
	if status := c.restricted(cmd); status != 0 {
		return ended(cmd, status)
	}
	switch cmd.Opcode {
	case opIdentify:
		return ended(cmd, c.identify(cmd, data))
	case opGetLogPage:
		return ended(cmd, c.getLog(cmd, data))
	case opFormat:
		return ended(cmd, c.format(cmd, amid))
	case opSanitize:
		return ended(cmd, c.sanitize(cmd))
	}
	return ended(cmd, invalidOpcode)
}

func ended(cmd nvme.Command, status uint16) error {
	if status == 0 {
		return nil
	}
	return &nvme.StatusError{Opcode: cmd.Opcode, Status: nvme.Status(status)}
}

// restricted is the status of a command that is not allowed while a sanitize
// runs or after one failed (Base 2.3 sections 5.1.1, figure 143, and 8.1.26.5);
// 0 for one that is.
func (c *Controller) restricted(cmd nvme.Command) uint16 {
	status := c.sanitizeStatus()
	switch cmd.Opcode {
	case opDeleteSQ, opCreateSQ, opDeleteCQ, opCreateCQ, opAbort, opAsyncEvent, opGetFeatures, opSetFeatures, opKeepAlive, opIdentify, opGetLogPage:
		return 0
	case opSanitize: // decides for itself after a failure
		if status == sanitizeFailed {
			return 0
		}
	}
	return status
}

// sanitizeStatus is what restricted commands are aborted with now; 0 if none is.
func (c *Controller) sanitizeStatus() uint16 {
	switch {
	case c.op == nil:
		return 0
	case c.op.failed:
		return sanitizeFailed
	}
	return sanitizeInProgress
}
