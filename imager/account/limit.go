package account

import (
	"sync"
	"time"
)

// The limits of guessing. A person who mistypes is not hindered; a guesser gets
// a few hundred tries in a day from one address.
const (
	limitFailures = 5
	limitWindow   = 15 * time.Minute
	limitKeys     = 10_000 // remembered at once
)

// limiter counts the failures of each key within limitWindow.
type limiter struct {
	now func() time.Time

	mu   sync.Mutex
	keys map[string][]time.Time // of the failures, oldest first
}

func newLimiter(now func() time.Time) *limiter {
	return &limiter{now: now, keys: map[string][]time.Time{}}
}

// take counts one attempt of key as failed, until forget says otherwise, and
// reports whether it may be made. Counting first keeps many attempts at once
// from slipping through.
func (l *limiter) take(key string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.prune(key)
	if len(l.keys[key]) >= limitFailures {
		return false
	}
	l.keys[key] = append(l.keys[key], l.now())
	return true
}

// forget drops the failures of key: the attempt succeeded.
func (l *limiter) forget(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.keys, key)
}

// exhaust uses up what is left to key within the window.
func (l *limiter) exhaust(key string) {
	for l.take(key) {
	}
}

func (l *limiter) prune(key string) {
	since := l.now().Add(-limitWindow)
	fails := l.keys[key]
	for len(fails) > 0 && fails[0].Before(since) {
		fails = fails[1:]
	}
	l.keys[key] = fails
	if len(l.keys) <= limitKeys {
		return
	}
	for k, f := range l.keys {
		if len(f) == 0 || f[len(f)-1].Before(since) {
			delete(l.keys, k)
		}
	}
	// Half of them go at once: a flood must not cost a walk for each attempt.
	for k := range l.keys {
		if len(l.keys) <= limitKeys/2 {
			return
		}
		if k != key {
			delete(l.keys, k)
		}
	}
}
