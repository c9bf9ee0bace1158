package control

import (
	"sync"
	"time"
)

// bucket bounds a rate: one every per, burst at once.
type bucket struct {
	per   time.Duration
	burst int

	mu   sync.Mutex
	used time.Duration // what is not yet earned back
	last time.Time
}

func (b *bucket) take(now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if passed := now.Sub(b.last); passed > 0 {
		b.used = max(0, b.used-passed)
	}
	b.last = now
	if b.used+b.per > b.per*time.Duration(b.burst) {
		return false
	}
	b.used += b.per
	return true
}
