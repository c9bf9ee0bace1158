package dhcp

import (
	"log/slog"
	"sync"
	"time"
)

// bucket lets through up to rate events in a second, and burst at once.
type bucket struct {
	rate, burst float64
	clock       func() time.Time

	mu   sync.Mutex
	left float64
	at   time.Time
}

func newBucket(rate, burst float64, clock func() time.Time) *bucket {
	return &bucket{rate: rate, burst: burst, clock: clock, left: burst, at: clock()}
}

func (b *bucket) take() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.clock()
	b.left = min(b.burst, b.left+b.rate*max(0, now.Sub(b.at).Seconds()))
	b.at = now
	if b.left < 1 {
		return false
	}
	b.left--
	return true
}

// quietTime is how long a message of one kind is only counted after it was
// logged.
const quietTime = 10 * time.Second

// quiet logs what a hostile machine can cause, without letting it fill the disk.
// The messages are constants of this package, so there are few kinds.
type quiet struct {
	log   *slog.Logger
	clock func() time.Time

	mu    sync.Mutex
	kinds map[string]*silence
}

type silence struct {
	until  time.Time
	passed int
}

func newQuiet(log *slog.Logger, clock func() time.Time) *quiet {
	return &quiet{log: log, clock: clock, kinds: map[string]*silence{}}
}

// warn logs the message, with how many of its kind were passed over before it.
func (q *quiet) warn(message string, args ...any) {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := q.clock()
	s := q.kinds[message]
	if s == nil {
		s = &silence{}
		q.kinds[message] = s
	}
	if now.Before(s.until) {
		s.passed++
		return
	}
	if s.passed > 0 {
		args = append(args, "unlogged", s.passed)
	}
	*s = silence{until: now.Add(quietTime)}
	q.log.Warn(message, args...)
}
