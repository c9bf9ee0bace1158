package run

import (
	"sync"

	"regain.example/agent/api"
)

// mailbox holds the newest order; an older one that was not taken is void.
type mailbox struct {
	mu     sync.Mutex
	order  api.Order
	number int // orders put so far; 0 for none
	signal chan struct{}
}

func newMailbox() *mailbox { return &mailbox{signal: make(chan struct{}, 1)} }

func (m *mailbox) put(o api.Order) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.order = o
	m.number++
	select {
	case m.signal <- struct{}{}:
	default:
	}
}

// newest returns the newest order and its number.
func (m *mailbox) newest() (api.Order, int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.order, m.number
}
