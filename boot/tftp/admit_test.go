package tftp

import (
	"context"
	"net/netip"
	"testing"
	"time"
)

func from(host byte, port uint16) netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 77, 0, host}), port)
}

// held fills s with transfers from different addresses and returns them in the
// order of their requests.
func held(t *testing.T, s *slots, n int, heard bool) []*slot {
	t.Helper()
	var all []*slot
	for len(all) < n {
		h, repeated := s.take(from(byte(len(all)/maxPerClient), uint16(1000+len(all)%maxPerClient)), func(error) {})
		if h == nil || repeated {
			t.Fatalf("transfer %d was not admitted", len(all))
		}
		h.heard.Store(heard)
		all = append(all, h)
	}
	return all
}

// newSlots has a clock that goes on by a microsecond at each look.
func newSlots() *slots {
	now := time.Now()
	tick := func() time.Time { now = now.Add(time.Microsecond); return now }
	return &slots{now: tick, held: map[netip.AddrPort]*slot{}}
}

func TestFullOfSilentClients(t *testing.T) {
	s := newSlots()
	all := held(t, s, maxTransfers, false)
	all[0].heard.Store(true)
	var cause error
	all[1].cancel = func(err error) { cause = err }
	h, _ := s.take(from(200, 1), func(error) {})
	if h == nil || len(s.held) != maxTransfers {
		t.Fatalf("admitted: %v; %d transfers", h != nil, len(s.held))
	}
	if s.held[all[0].from] == nil || s.held[all[1].from] != nil || cause != errGaveWay {
		t.Error("not the oldest of those that were never heard gave way")
	}
	s.give(all[1]) // its place is gone, and stays so
	if len(s.held) != maxTransfers {
		t.Errorf("%d transfers", len(s.held))
	}
	s.give(h)
	if s.held[h.from] != nil {
		t.Error("a place was not given back")
	}
}

func TestFullOfClients(t *testing.T) {
	s := newSlots()
	held(t, s, maxTransfers, true)
	if h, repeated := s.take(from(200, 1), nil); h != nil || repeated {
		t.Error("one more was admitted, or a machine that boots gave way")
	}
}

func TestShareOfOneAddress(t *testing.T) {
	s := newSlots()
	own := held(t, s, maxPerClient, true)
	if h, repeated := s.take(own[0].from, nil); h != nil || !repeated {
		t.Error("a request that was repeated began a second transfer")
	}
	if h, _ := s.take(from(0, 5000), nil); h != nil {
		t.Error("an address has more than its share")
	}
	if h, _ := s.take(from(1, 5000), func(error) {}); h == nil {
		t.Error("another address was not admitted")
	}
	own[3].heard.Store(false)
	if h, _ := s.take(from(0, 5000), func(error) {}); h != nil {
		t.Error("its own transfer gave way at once")
	}
	own[3].began = own[3].began.Add(-answerTime)
	if h, _ := s.take(from(0, 5000), func(error) {}); h == nil || s.held[own[3].from] != nil {
		t.Error("its own silent transfer did not give way")
	}
	if len(s.held) != maxPerClient+1 {
		t.Errorf("%d transfers", len(s.held))
	}
}

// TestEvictedTransferEnds has one give way that waits for its client.
func TestEvictedTransferEnds(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errGaveWay)
	l := &line{answer: func(int, []byte) [][]byte { return nil }, in: make(chan []byte, 1)}
	l.in <- nil // what an interrupted socket returns
	if files := serveOn(t, ctx, l, request{name: "x"}, []byte("short")); files.sent != 0 || files.broken != nil {
		t.Errorf("%d sent, %v", files.sent, files.broken)
	}
}
