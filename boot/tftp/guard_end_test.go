package tftp

import (
	"context"
	"errors"
	"runtime"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// line is a client that answers the nth packet sent to it with what answer
// returns.
type line struct {
	answer func(n int, p []byte) [][]byte
	fail   error
	sent   [][]byte
	in     chan []byte
}

func (l *line) send(p []byte) error {
	l.sent = append(l.sent, append([]byte(nil), p...))
	for _, a := range l.answer(len(l.sent), p) {
		l.in <- a
	}
	return l.fail
}

func (l *line) receive(b []byte) (int, error) {
	select {
	case p := <-l.in:
		return copy(b, p), nil
	case <-time.After(tick):
		return 0, nil
	}
}

func ack(p []byte) []byte { return []byte{0, opAck, p[2], p[3]} }

// TestEnds goes through the ways in which a transfer of two blocks ends.
func TestEnds(t *testing.T) {
	for name, test := range map[string]struct {
		answer func(n int, p []byte) [][]byte
		fail   error
		want   error
		sent   int
		within time.Duration
	}{
		"whole": {func(_ int, p []byte) [][]byte { return [][]byte{ack(p)} }, nil, nil, 2, 0},
		"twice": {func(_ int, p []byte) [][]byte { return [][]byte{ack(p), ack(p), ack(p)} }, nil, nil, 2, 0},
		"each block lost once": {func(n int, p []byte) [][]byte {
			if n%2 == 1 {
				return nil
			}
			return [][]byte{ack(p)}
		}, nil, nil, 4, 2 * retryTime},
		"silent":          {func(int, []byte) [][]byte { return nil }, nil, errSilent, attempts, attempts*retryTime + tick},
		"another block's": {func(int, []byte) [][]byte { return [][]byte{{0, opAck, 0, 7}} }, nil, errSilent, attempts, attempts*retryTime + tick},
		"nonsense": {func(_ int, p []byte) [][]byte {
			return [][]byte{{}, {0}, {0, opError}, {1, opAck, p[2], p[3]}, {0, 9, 9, 9, 9}, p}
		},
			nil, errSilent, attempts, attempts*retryTime + tick},
		"aborted, and more after it": {func(_ int, p []byte) [][]byte {
			return [][]byte{{0, opError, 0, 8, 'n', 'o', 0}, ack(p), ack(p)}
		}, nil, errAborted, 1, 0},
		"cannot send": {func(int, []byte) [][]byte { return nil }, syscall.ENETDOWN, syscall.ENETDOWN, 1, tick},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := &line{answer: test.answer, fail: test.fail, in: make(chan []byte, 1000)}
				g := newGuard(t.Context(), l, peer, request{name: "x"}.packet())
				began := time.Now()
				if p := serveOn(g, make([]byte, 600)); p != nil {
					t.Fatal(p)
				}
				if err := g.end(); !errors.Is(err, test.want) {
					t.Errorf("ended by %v, want %v", err, test.want)
				}
				if took := time.Since(began); len(l.sent) != test.sent || took > test.within {
					t.Errorf("%d packets were sent in %v, want %d in %v", len(l.sent), took, test.sent, test.within)
				}
			})
		})
	}
}

// repeater is a line whose repetition of block 1 cannot be sent, at the moment in
// which the acknowledgement of the first sending arrives after all.
type repeater struct {
	line
	g *guard
}

func (r *repeater) send(p []byte) error {
	if err := r.line.send(p); len(r.sent) != 2 {
		return err
	}
	for passed := false; !passed; runtime.Gosched() { // the acknowledgement
		r.g.mu.Lock()
		passed = !r.g.due
		r.g.mu.Unlock()
	}
	return syscall.ENETDOWN
}

func TestRepetitionNotSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &repeater{line: line{in: make(chan []byte, 10)}}
		r.answer = func(n int, p []byte) [][]byte {
			if n == 2 {
				return [][]byte{ack(p)}
			}
			return nil
		}
		r.g = newGuard(t.Context(), r, peer, request{name: "x"}.packet())
		serveOn(r.g, make([]byte, 600))
		if err := r.g.end(); !errors.Is(err, syscall.ENETDOWN) {
			t.Errorf("ended by %v, want %v", err, syscall.ENETDOWN)
		}
	})
}

// TestLateAcknowledgement has the last acknowledgement arrive with the moment in
// which the client is given up.
func TestLateAcknowledgement(t *testing.T) {
	for _, before := range []time.Duration{0, 1, time.Microsecond, time.Millisecond} {
		synctest.Test(t, func(t *testing.T) {
			l := &line{in: make(chan []byte, 1000)}
			l.answer = func(n int, p []byte) [][]byte {
				if n == 1 {
					late := ack(p)
					time.AfterFunc(attempts*retryTime-before, func() { l.in <- late; l.in <- late })
				}
				return nil
			}
			g := newGuard(t.Context(), l, peer, request{name: "x"}.packet())
			if p := serveOn(g, []byte("short")); p != nil {
				t.Fatal(p)
			}
			if err := g.end(); err != nil && !errors.Is(err, errSilent) {
				t.Error(err)
			}
		})
	}
}

func TestCancelledTransferIsNoSuccess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		l := &line{answer: func(int, []byte) [][]byte { cancel(); return nil }, in: make(chan []byte)}
		g := newGuard(ctx, l, peer, request{name: "x"}.packet())
		began := time.Now()
		serveOn(g, []byte("short"))
		if err := g.end(); !errors.Is(err, context.Canceled) || time.Since(began) > tick {
			t.Errorf("%v after %v", err, time.Since(began))
		}
	})
}

// FuzzAnswers sends the client's packets, each as long as the byte before it
// says, against a transfer.
func FuzzAnswers(f *testing.F) {
	f.Add([]byte("\x04\x00\x04\x00\x01\x04\x00\x04\x00\x02"))
	f.Add([]byte("\x05\x00\x05\x00\x08\x00\x04\x00\x04\x00\x01"))
	f.Add([]byte{4, 0, opAck, 0, 1, 4, 0, opAck, 0, 1, 4, 0, opAck, 0, 2, 4, 0, opAck, 0, 2})
	f.Fuzz(func(t *testing.T, script []byte) {
		synctest.Test(t, func(t *testing.T) {
			l := &line{in: make(chan []byte, len(script)+1)}
			for rest := script; len(rest) > 0; {
				n := min(int(rest[0]), len(rest)-1)
				l.in <- rest[1 : 1+n]
				rest = rest[1+n:]
			}
			l.answer = func(int, []byte) [][]byte { return nil }
			g := newGuard(t.Context(), l, peer, request{name: "x"}.packet())
			if p := serveOn(g, make([]byte, 600)); p != nil {
				t.Fatal(p)
			}
			if len(l.sent) == 0 || len(l.sent) > 2*attempts {
				t.Errorf("%d packets were sent", len(l.sent))
			}
		})
	})
}
