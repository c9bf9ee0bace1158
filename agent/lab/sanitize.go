package lab

import (
	"time"

	"regain.example/agent/nvme"
)

// Sanitize actions, CDW10 bits 2:0 (Base section 5.24).
const (
	exitFailureMode = 1
	blockErase      = 2
	overwrite       = 3
	cryptoErase     = 4
)

// States of SSTAT bits 2:0 (Base section 5.16.1.25). Bit 8 is Global Data
// Erased.
const (
	succeeded    = 1
	inProgress   = 2
	failedState  = 3
	globalErased = 1 << 8
)

// operation is a sanitize operation that runs or has failed: the states
// Restricted and Unrestricted Processing and Failure (Base 2.3 section
// 8.1.26.4). Without one the drive is in the Idle state.
type operation struct {
	unrestricted bool // AUSE: a failure may be left by Exit Failure Mode
	failed       bool
	now          fill
	olds         []fill // what the volumes held, beneath

	progress uint16 // SPROG, in 65536ths
	readings int
	ran      time.Duration // with the power on, until the last power-on
	since    time.Duration // power-on, or the start
}

type sanitizeLog struct {
	progress, status uint16
	arguments        uint32
}

// sanitize starts an operation or leaves Failure Mode (Base section 5.24).
func (c *Controller) sanitize(cmd nvme.Command) uint16 {
	action, unrestricted := cmd.CDW10&7, cmd.CDW10&(1<<3) != 0
	if c.spec.SANICAP&7 == 0 {
		return invalidOpcode
	}
	if cmd.NSID != 0 {
		return invalidField
	}
	if action == exitFailureMode {
		return c.exitFailureMode()
	}
	supported := map[uint32]uint32{cryptoErase: 1 << 0, blockErase: 1 << 1, overwrite: 1 << 2}[action]
	if supported == 0 || c.spec.SANICAP&supported == 0 {
		return invalidField
	}
	// From Restricted Failure only a restricted operation leads on (section
	// 8.1.26.4.3).
	if c.op != nil && !c.op.unrestricted && unrestricted {
		return sanitizeFailed
	}
	c.start(action, unrestricted, cmd)
	return 0
}

func (c *Controller) start(action uint32, unrestricted bool, cmd nvme.Command) {
	op := &operation{unrestricted: unrestricted, now: zeros, since: c.m.now()}
	switch action {
	case cryptoErase:
		op.now = noise(uint64(len(c.sent))<<32 | 0x6b6579)
	case overwrite:
		op.now = pattern(cmd.CDW11)
	}
	for _, v := range c.volumes() {
		op.olds = append(op.olds, v.beginErase())
	}
	c.op = op
	c.log = sanitizeLog{status: inProgress, arguments: cmd.CDW10}
	if action == cryptoErase {
		c.eraseTo(1, 1) // the key is changed at once
	}
}

// exitFailureMode leaves Unrestricted Failure. The log goes on telling of the
// failure. In the Idle state it does nothing and is no error (sections
// 8.1.26.4.1 and 8.1.26.4.5).
func (c *Controller) exitFailureMode() uint16 {
	if c.op == nil {
		return 0
	}
	if !c.op.unrestricted {
		return sanitizeFailed
	}
	c.op = nil
	return 0
}

// advance moves a running operation on to where it is by now.
func (c *Controller) advance() {
	op := c.op
	if op == nil || op.failed {
		return
	}
	part, of := int64(1), int64(1)
	if whole := c.spec.SanitizeTime; whole > 0 {
		part, of = int64(min(op.ran+c.m.now()-op.since, whole)), int64(whole)
	}
	if n := c.spec.SanitizeReadings; op.readings < n {
		part, of = part*int64(op.readings), of*int64(n)
	}
	done := part >= of
	if stuck := c.Lies.StuckAt; stuck > 0 && (done || part*65536/of >= int64(stuck)) {
		part, of, done = int64(stuck), 65536, false
	}
	if at := c.SanitizeFailsAt; at > 0 && (done || part*65536/of >= int64(at)) {
		c.eraseTo(int64(at), 65536)
		op.failed = true
		c.log.progress, c.log.status = 0xffff, failedState
		return
	}
	op.progress = uint16(min(part*65536/of, 65535))
	c.eraseTo(part, of)
	if done {
		c.finish()
	}
}

func (c *Controller) finish() {
	c.op = nil
	c.log.progress, c.log.status = 0xffff, succeeded|globalErased
	c.erased()
}

// eraseTo has erased a part of every volume from its beginning.
func (c *Controller) eraseTo(part, of int64) {
	for i, v := range c.volumes() {
		if i > 0 && c.Lies.FirstNamespaceOnly {
			return
		}
		v.eraseTo(v.medium.size/page*part/of*page+v.medium.size%page*(part/of), c.op.now, c.op.olds[i])
	}
}

// suspend and resume are what a power cut does to an operation: the drive goes
// on by itself, and the log is retained (Base 2.3 section 5.2.12.1.36).
func (c *Controller) suspend() {
	c.advance()
	if c.op != nil {
		c.op.ran += c.m.now() - c.op.since
	}
	if c.Lies.ForgetsSanitize {
		c.op, c.log = nil, sanitizeLog{}
	}
}

func (c *Controller) resume() {
	if c.op != nil {
		c.op.since = c.m.now()
	}
}
