package tftp

import (
	"context"
	"errors"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// maxTransfers bounds the transfers under way. 40 benches that are powered
	// on together need fewer, and each holds a thread.
	maxTransfers = 128
	// maxPerClient bounds one address's share. Firmware has one transfer under
	// way, and may have left one or two behind.
	maxPerClient = 8
	// answerTime is long for firmware's first answer. An address's own
	// transfers give way only after it, so that a flood of its requests costs
	// no more than looking at them.
	answerTime = time.Second
)

// errGaveWay is the end of a transfer that makes room for another.
var errGaveWay = errors.New("the client did not answer, and others ask")

// slot is the place of one transfer.
type slot struct {
	from   netip.AddrPort
	began  time.Time
	cancel context.CancelCauseFunc
	// heard is whether the client sent anything after its request. One that
	// did not may have lied about its address.
	heard atomic.Bool
}

// slots are the transfers under way.
type slots struct {
	now  func() time.Time
	mu   sync.Mutex
	held map[netip.AddrPort]*slot
}

// take returns a place for a transfer to from; nil if there is none. If all are
// taken, or all of this address's share, the oldest transfer of which the client
// was never heard makes room: requests that are nothing but requests cannot keep
// out those of machines that boot. Repeated is whether from has a transfer under
// way, so that this is only the client's impatience.
func (s *slots) take(from netip.AddrPort, cancel context.CancelCauseFunc) (taken *slot, repeated bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.held[from] != nil {
		return nil, true
	}
	mine := func(h *slot) bool { return h.from.Addr() == from.Addr() }
	switch {
	case s.count(mine) >= maxPerClient:
		if !s.evict(func(h *slot) bool { return mine(h) && s.now().Sub(h.began) >= answerTime }) {
			return nil, false
		}
	case len(s.held) >= maxTransfers:
		if !s.evict(func(*slot) bool { return true }) {
			return nil, false
		}
	}
	taken = &slot{from: from, began: s.now(), cancel: cancel}
	s.held[from] = taken
	return taken, false
}

func (s *slots) count(which func(*slot) bool) (n int) {
	for _, h := range s.held {
		if which(h) {
			n++
		}
	}
	return n
}

// evict ends the oldest of the transfers in question whose client was not heard.
func (s *slots) evict(which func(*slot) bool) bool {
	var oldest *slot
	for _, h := range s.held {
		if which(h) && !h.heard.Load() && (oldest == nil || h.began.Before(oldest.began)) {
			oldest = h
		}
	}
	if oldest == nil {
		return false
	}
	oldest.cancel(errGaveWay)
	delete(s.held, oldest.from)
	return true
}

// give takes a place back. It may be another's by now.
func (s *slots) give(h *slot) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.held[h.from] == h {
		delete(s.held, h.from)
	}
}
