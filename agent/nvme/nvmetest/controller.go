// Package nvmetest has a working NVMe controller in memory, written from the NVM
// Express Base Specification 2.0c and the NVM Command Set Specification 1.0c,
// with the lies that Format NVM has been seen to tell.
package nvmetest

import (
	"encoding/binary"
	"sync"

	"regain.example/agent/nvme"
)

// Namespace is one namespace and its content.
type Namespace struct {
	ID     uint32
	Blocks uint64
	FLBAS  uint8           // byte 26
	DPS    uint8           // byte 29
	LBAF   [16]uint32      // bytes 191:128: MS 15:0, LBADS 23:16, RP 25:24
	Erase  func(ses uint8) // changes the content as the firmware does
}

// Controller answers Identify and Format NVM.
type Controller struct {
	OACS       uint16
	FNA        uint8
	SANICAP    uint32
	TNVMCAP    uint64
	Namespaces []*Namespace

	// FormatError is returned in place of running the command.
	FormatError error
	// FormatLies acknowledges a format and does nothing.
	FormatLies bool
	// FormatFirstOnly formats the first namespace only, whichever was asked for.
	FormatFirstOnly bool
	// AfterFormat changes the controller once a format was acknowledged.
	AfterFormat func(*Controller)

	mu   sync.Mutex
	sent []nvme.Command
}

// Sent lists the commands that were received.
func (c *Controller) Sent() []nvme.Command {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]nvme.Command(nil), c.sent...)
}

// Close implements nvme.Transport.
func (c *Controller) Close() error { return nil }

// Admin implements nvme.Transport.
func (c *Controller) Admin(cmd nvme.Command, data []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sent = append(c.sent, cmd)
	switch cmd.Opcode {
	case 0x06:
		return c.identify(cmd, data)
	case 0x80:
		return c.format(cmd)
	}
	return &nvme.StatusError{Opcode: cmd.Opcode, Status: 0x001}
}

func (c *Controller) identify(cmd nvme.Command, data []byte) error {
	clear(data)
	le := binary.LittleEndian
	switch cmd.CDW10 & 0xff {
	case 0x00: // Identify Namespace, NVM figure 97
		ns := c.namespace(cmd.NSID)
		if ns == nil {
			return &nvme.StatusError{Opcode: cmd.Opcode, Status: 0x00b}
		}
		le.PutUint64(data[0:], ns.Blocks)  // NSZE
		le.PutUint64(data[8:], ns.Blocks)  // NCAP
		le.PutUint64(data[16:], ns.Blocks) // NUSE
		data[25] = uint8(len(ns.LBAF) - 1) // NLBAF, zero-based
		data[26] = ns.FLBAS
		data[29] = ns.DPS
		for i, f := range ns.LBAF {
			le.PutUint32(data[128+4*i:], f)
		}
	case 0x01: // Identify Controller, Base figure 275
		le.PutUint16(data[256:], c.OACS)
		le.PutUint64(data[280:], c.TNVMCAP)
		le.PutUint32(data[328:], c.SANICAP)
		le.PutUint32(data[516:], uint32(len(c.Namespaces))) // NN
		data[524] = c.FNA
	case 0x02: // Active Namespace ID list
		for i, ns := range c.Namespaces {
			le.PutUint32(data[4*i:], ns.ID)
		}
	default:
		return &nvme.StatusError{Opcode: cmd.Opcode, Status: 0x002}
	}
	return nil
}

func (c *Controller) format(cmd nvme.Command) error {
	if c.FormatError != nil {
		return c.FormatError
	}
	ns := c.namespace(cmd.NSID)
	if ns == nil {
		return &nvme.StatusError{Opcode: cmd.Opcode, Status: 0x00b}
	}
	if c.FormatFirstOnly {
		ns = c.Namespaces[0]
	}
	if !c.FormatLies {
		// Base figure 183: LBAFL 3:0, MSET 4, PI 7:5, PIL 8, SES 11:9.
		ns.FLBAS = uint8(cmd.CDW10 & 0x1f)
		ns.DPS = uint8(cmd.CDW10>>5&7) | uint8(cmd.CDW10>>8&1)<<3
		ns.Erase(uint8(cmd.CDW10 >> 9 & 7))
	}
	if c.AfterFormat != nil {
		c.AfterFormat(c)
	}
	return nil
}

func (c *Controller) namespace(id uint32) *Namespace {
	for _, ns := range c.Namespaces {
		if ns.ID == id {
			return ns
		}
	}
	return nil
}
