package control

import (
	"log/slog"
	"sync"
	"time"
)

// stepBack is how far a clock may go back unnoticed (the slew of NTP).
const stepBack = 2 * time.Second

// clock is the controller's clock, in UTC. It notices that it was never set, or
// was stepped back, and says so once for each event.
type clock struct {
	source func() time.Time
	built  time.Time
	log    *slog.Logger

	mu     sync.Mutex
	latest time.Time // the highest time that was seen
	wrong  bool
}

// newClock returns a clock; latest is the newest time on record.
func newClock(source func() time.Time, built, latest time.Time, log *slog.Logger) *clock {
	return &clock{source: source, built: built, latest: latest, log: log}
}

func (c *clock) now() time.Time {
	t := c.source().UTC().Round(0)
	c.mu.Lock()
	defer c.mu.Unlock()
	wrong := c.why(t) != ""
	if wrong && !c.wrong {
		c.log.Error("the clock is wrong: set it; approvals are refused until then", "why", c.why(t), "now", t, "latest", c.latest)
	}
	if !wrong && c.wrong {
		c.log.Info("the clock is right again", "now", t)
	}
	c.wrong = wrong
	c.latest = later(c.latest, t)
	return t
}

// why says what is wrong with time t; "" for nothing.
func (c *clock) why(t time.Time) string {
	switch {
	case t.Before(c.built):
		return "the clock is not set: it is before the time when this program was built"
	case t.Before(c.latest.Add(-stepBack)):
		return "the clock was stepped back"
	}
	return ""
}

// trouble says what is wrong with the clock now; "" for nothing.
func (c *clock) trouble() string {
	t := c.source().UTC()
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.why(t)
}
