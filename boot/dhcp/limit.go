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

// warn logs what a hostile machine can cause. The subject is the message and not
// the machine: who invents hardware addresses would have a share for each.
func (a *answerer) warn(message string, args ...any) {
	a.quiet.Log(slog.LevelWarn, message, message, args...)
}

// note logs what becomes of one machine, within that machine's share.
func (a *answerer) note(r request, message string, args ...any) {
	a.quiet.Log(slog.LevelInfo, r.client.MAC.String(), message, args...)
}
