package tftp

import "time"

const (
	// shortest keeps a client that is busy for a moment from being sent all
	// twice.
	shortest = 50 * time.Millisecond
	// longest is also the first: firmware itself waits four seconds or more.
	longest = time.Second
	// grain is how finely waits are told apart: the socket is set to each new
	// one.
	grain = 25 * time.Millisecond
)

// clock says how long an acknowledgement is awaited before packets are sent
// again. RFC 1123 section 4.2.3.2 asks for a timeout that adapts; this one does as
// TCP's (RFC 6298 section 2). A lost packet then costs a
// twentieth of a second and not a whole one.
type clock struct {
	wait           time.Duration
	smooth, spread time.Duration
}

func newClock() clock { return clock{wait: longest} }

// measured takes the time between a packet that was sent once and its
// acknowledgement.
func (c *clock) measured(took time.Duration) {
	if c.smooth == 0 {
		c.smooth, c.spread = took, took/2
	} else {
		c.spread += ((took - c.smooth).Abs() - c.spread) / 4
		c.smooth += (took - c.smooth) / 8
	}
	c.wait = min(max((c.smooth+4*c.spread+grain-1).Truncate(grain), shortest), longest)
}

// expired doubles the wait until the next measurement (RFC 6298 section 5.5).
func (c *clock) expired() { c.wait = min(2*c.wait, longest) }
