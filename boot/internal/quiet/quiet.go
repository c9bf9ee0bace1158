// Package quiet is a log for what machines can cause, so that none can fill the
// disk with it or hide the others.
package quiet

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

const (
	// Burst is how many lines one subject may log at once.
	Burst = 32
	// Every is how often it may log one more after that.
	Every = time.Second
	// maxSubjects bounds the memory. Further subjects share one allowance.
	maxSubjects = 4096
)

// Log passes on each subject's share of lines. Safe for concurrent use.
type Log struct {
	log   *slog.Logger
	clock func() time.Time

	mu       sync.Mutex
	subjects map[string]*allowance
}

type allowance struct {
	used   int // of Burst
	at     time.Time
	silent int // lines that were passed over
}

// New returns a log that writes to log.
func New(log *slog.Logger, clock func() time.Time) *Log {
	return &Log{log: log, clock: clock, subjects: map[string]*allowance{}}
}

// Log logs a line about subject, such as a machine's address. A line that follows
// others which were passed over says how many.
func (l *Log) Log(level slog.Level, subject, message string, args ...any) {
	if !l.log.Enabled(context.Background(), level) {
		return
	}
	silent, ok := l.take(subject)
	if !ok {
		return
	}
	if silent > 0 {
		args = append(args, "unlogged", silent)
	}
	l.log.Log(context.Background(), level, message, args...)
}

// take reports whether a line may be logged, and how many were passed over since
// the last one.
func (l *Log) take(subject string) (int, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.clock()
	a := l.subjects[subject]
	if a == nil && len(l.subjects) >= maxSubjects {
		subject = ""
		a = l.subjects[""]
	}
	if a == nil {
		a = &allowance{at: now}
		l.subjects[subject] = a
	}
	if regained := int(now.Sub(a.at) / Every); regained > 0 {
		a.used = max(0, a.used-regained)
		a.at = a.at.Add(time.Duration(regained) * Every)
	}
	if a.used >= Burst {
		a.silent++
		return 0, false
	}
	a.used++
	silent := a.silent
	a.silent = 0
	return silent, true
}
