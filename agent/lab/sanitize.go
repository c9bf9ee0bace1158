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

// Purge Required, CDW10 bit 11, and Purged, SSTAT bit 11; see agent/nvme for where
// they are from. SANICAP bit 5 tells that a drive knows them.
const (
	purgeRequired = 1 << 11
	purged        = 1 << 11
)

// operation is a sanitize operation that runs or has failed: the states
// Restricted and Unrestricted Processing and Failure (Base 2.3 section
// 8.1.26.4). Without one the drive is in the Idle state.
type operation struct {
	unrestricted bool // AUSE: a failure may be left by Exit Failure Mode
	instant      bool // all content is lost at once
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
	if cmd.CDW10&purgeRequired != 0 && (c.spec.SANICAP&(1<<5) == 0 || c.RefusePurge) {
		return invalidField
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
		op.now, op.instant = noise(uint64(len(c.sent))<<32|0x6b6579), true
	case overwrite:
		op.now = pattern(cmd.CDW11)
	}
	for _, v := range c.volumes() {
		op.olds = append(op.olds, v.beginErase())
	}
	c.op = op
	c.log = sanitizeLog{status: inProgress, arguments: cmd.CDW10}
	if op.instant {
		c.eraseTo(complete)
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
	progress := op.due(c.m.now(), c.spec)
	if stuck := int64(c.Lies.StuckAt); stuck > 0 {
		progress = min(progress, stuck)
	}
	if fails := int64(c.SanitizeFailsAt); fails > 0 && progress >= fails {
		c.eraseTo(fails)
		op.failed = true
		c.log.progress, c.log.status = 0xffff, failedState
		return
	}
	c.eraseTo(progress)
	op.progress = uint16(min(progress, complete-1))
	if progress == complete {
		c.op = nil
		c.log.progress, c.log.status = 0xffff, succeeded|globalErased
		if c.log.arguments&purgeRequired != 0 {
			c.log.status |= purged
		}
		c.erased()
	}
}

// complete is the denominator of SPROG.
const complete = 65536

// due is how far the operation should be, by the clock and by the readings of
// the log.
func (op *operation) due(now time.Duration, spec NVMe) int64 {
	part := 1.0
	if spec.SanitizeTime > 0 {
		part = min(1, float64(op.ran+now-op.since)/float64(spec.SanitizeTime))
	}
	if spec.SanitizeReadings > 0 {
		part *= min(1, float64(op.readings)/float64(spec.SanitizeReadings))
	}
	return int64(part * complete)
}

// eraseTo has erased a part of every volume, in 65536ths, from its beginning. A
// key that was changed is changed for all of it at once.
func (c *Controller) eraseTo(progress int64) {
	if c.op.instant && progress > 0 {
		progress = complete
	}
	for i, v := range c.volumes() {
		if i > 0 && c.Lies.FirstNamespaceOnly {
			return
		}
		below := v.medium.size / page * progress / complete * page
		if progress == complete {
			below = v.medium.size
		}
		v.eraseTo(below, c.op.now, c.op.olds[i])
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
