package lab

import (
	"encoding/binary"

	"regain.example/agent/nvme"
)

// getLog serves Get Log Page (Base section 5.16): CDW10 bits 7:0 name the page,
// bits 31:16 are the number of dwords less one.
func (c *Controller) getLog(cmd nvme.Command, data []byte) uint16 {
	p := make([]byte, 512)
	switch cmd.CDW10 & 0xff {
	case 0x02:
		c.healthLog(p)
	case 0x81:
		if c.spec.SANICAP&7 == 0 {
			return invalidLogPage
		}
		c.sanitizeStatusLog(p)
	default:
		return invalidLogPage
	}
	clear(data)
	copy(data, p[:min(len(p), 4*(int(cmd.CDW10>>16)+1))])
	return 0
}

// sanitizeStatusLog is page 81h (Base section 5.16.1.25). The estimated times in
// bytes 31:8 are not reported.
func (c *Controller) sanitizeStatusLog(p []byte) {
	if c.op != nil && !c.op.failed {
		c.op.readings++
		c.advance()
	}
	if c.Lies.LogZeroed {
		return
	}
	progress := c.log.progress
	switch {
	case c.op != nil && !c.op.failed:
		progress = c.op.progress
	case c.log.status&7 == 0:
		progress = 0xffff
	}
	le := binary.LittleEndian
	le.PutUint16(p[0:], progress)
	le.PutUint16(p[2:], c.log.status)
	le.PutUint32(p[4:], c.log.arguments)
	for at := 8; at < 32; at += 4 {
		le.PutUint32(p[at:], 0xffffffff)
	}
}

// SetSanitizeLog sets what the log tells of the most recent sanitize: SSTAT and
// SCDW10.
func (c *Controller) SetSanitizeLog(status uint16, arguments uint32) {
	c.m.mu.Lock()
	defer c.m.mu.Unlock()
	c.log = sanitizeLog{0xffff, status, arguments}
}

// healthLog is page 02h (Base section 5.16.1.3).
func (c *Controller) healthLog(p []byte) {
	celsius := 35
	if c.Celsius != nil {
		celsius = c.Celsius()
	}
	le := binary.LittleEndian
	p[0] = c.Health.Warning
	le.PutUint16(p[1:], uint16(celsius+273)) // kelvins
	p[3], p[4], p[5] = c.Health.Spare, c.Health.SpareThreshold, c.Health.Used
	le.PutUint64(p[128:], c.Health.PowerOnHours)
	le.PutUint64(p[144:], c.Health.UnsafeShutdown)
	le.PutUint64(p[160:], c.Health.MediaErrors)
}
