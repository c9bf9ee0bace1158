package link

import (
	"sync"

	"regain.example/agent/api"
)

// latest holds the newest progress that was not sent yet.
type latest struct {
	mu   sync.Mutex
	next *api.Progress
}

func newLatest() *latest { return &latest{} }

func (l *latest) set(p api.Progress) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.next = &p
}

// take returns what was set since the last call, or nil.
func (l *latest) take() *api.Progress {
	l.mu.Lock()
	defer l.mu.Unlock()
	p := l.next
	l.next = nil
	return p
}
