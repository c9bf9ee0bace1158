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

// buckets bounds a rate for each key. Keys are machines, whose number is bounded.
type buckets struct {
	per   time.Duration
	burst int

	mu   sync.Mutex
	each map[int]*bucket
}

func (b *buckets) take(key int, now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.each == nil {
		b.each = map[int]*bucket{}
	}
	if b.each[key] == nil {
		b.each[key] = &bucket{per: b.per, burst: b.burst}
	}
	return b.each[key].take(now)
}
