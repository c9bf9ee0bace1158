package tftp

import (
	"context"
	"errors"
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

func (l *line) receive(b []byte, wait time.Duration) (int, error) {
	select {
	case p := <-l.in:
		return copy(b, p), nil
	case <-time.After(wait):
		return 0, nil
	}
}

func ack(p []byte) []byte {
	if p[1] == opOAck {
		return []byte{0, opAck, 0, 0}
	}
	return []byte{0, opAck, p[2], p[3]}
}

// TestEnds goes through the ways in which a transfer of two blocks ends.
func TestEnds(t *testing.T) {
	const silence = 11 // packets within patience: at once, then after 1 s each
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
		}, nil, nil, 4, 2 * longest},
		"silent":          {func(int, []byte) [][]byte { return nil }, nil, errSilent, silence - 1, patience},
		"another block's": {func(int, []byte) [][]byte { return [][]byte{{0, opAck, 0, 7}} }, nil, errSilent, silence - 1, patience + longest},
		"nonsense": {func(_ int, p []byte) [][]byte {
			return [][]byte{{}, {0}, {0, opError}, {1, opAck, p[2], p[3]}, {0, 9, 9, 9, 9}, p}
		},
			nil, errSilent, silence - 1, patience + longest},
		"aborted, and more after it": {func(_ int, p []byte) [][]byte {
			return [][]byte{{0, opError, 0, 8, 'n', 'o', 0}, ack(p), ack(p)}
		}, nil, errAborted, 1, 0},
		"aborted after a block": {func(n int, p []byte) [][]byte {
			if n == 2 {
				return [][]byte{{0, opError, 0, 0}}
			}
			return [][]byte{ack(p)}
		}, nil, errAborted, 2, 0},
		"cannot send": {func(int, []byte) [][]byte { return nil }, syscall.ENETDOWN, syscall.ENETDOWN, 1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := &line{answer: test.answer, fail: test.fail, in: make(chan []byte, 1000)}
				began := time.Now()
				files := serveOn(t, t.Context(), l, request{name: "x"}, make([]byte, 600))
				// What breaks off before the first block is a question for the size.
				if err := files.broken; !errors.Is(err, test.want) && name != "aborted, and more after it" {
					t.Errorf("ended by %v, want %v", err, test.want)
				}
				if whole := files.sent == 1; whole != (test.want == nil) {
					t.Errorf("whole: %v", whole)
				}
				if took := time.Since(began); len(l.sent) != test.sent || took > test.within {
					t.Errorf("%d packets were sent in %v, want %d in %v", len(l.sent), took, test.sent, test.within)
				}
			})
		})
	}
}

// TestNothingAhead has a client that takes its time: no packet may come before it
// has acknowledged the one before, however many are ready.
func TestNothingAhead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &line{in: make(chan []byte, 1000)}
		var acknowledged int
		l.answer = func(n int, p []byte) [][]byte {
			if n != acknowledged+1 {
				t.Errorf("packet %d came after %d acknowledgements", n, acknowledged)
			}
			p = append([]byte(nil), p...)
			time.AfterFunc(shortest/2, func() { acknowledged++; l.in <- ack(p) })
			return nil
		}
		if files := serveOn(t, t.Context(), l, request{name: "x", size: true}, make([]byte, 100*512)); files.sent != 1 {
			t.Error(files.broken)
		}
		if len(l.sent) != 102 {
			t.Errorf("%d packets were sent, want 102", len(l.sent))
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
					time.AfterFunc(patience-before, func() { l.in <- late; l.in <- late })
				}
				return nil
			}
			files := serveOn(t, t.Context(), l, request{name: "x"}, []byte("short"))
			if err := files.broken; err != nil && !errors.Is(err, errSilent) || (err == nil) != (files.sent == 1) {
				t.Error(err, files.sent)
			}
		})
	}
}

func TestCancelledTransferIsNoSuccess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		l := &line{answer: func(int, []byte) [][]byte { cancel(); return nil }, in: make(chan []byte)}
		began := time.Now()
		files := serveOn(t, ctx, l, request{name: "x"}, []byte("short"))
		if files.sent != 0 || files.broken != nil || time.Since(began) > longest {
			t.Errorf("%d sent, %v, after %v", files.sent, files.broken, time.Since(began))
		}
	})
}

// FuzzAnswers sends the client's packets, each as long as the byte before it
// says, against a transfer.
func FuzzAnswers(f *testing.F) {
	f.Add(0, []byte("\x04\x00\x04\x00\x01\x04\x00\x04\x00\x02"))
	f.Add(0, []byte("\x05\x00\x05\x00\x08\x00\x04\x00\x04\x00\x01"))
	f.Add(0, []byte{4, 0, opAck, 0, 1, 4, 0, opAck, 0, 1, 4, 0, opAck, 0, 2, 4, 0, opAck, 0, 2})
	f.Add(4, []byte{4, 0, opAck, 0, 0, 4, 0, opAck, 0, 3, 4, 0, opAck, 0, 3, 4, 0, opAck, 0, 1})
	f.Fuzz(func(t *testing.T, window int, script []byte) {
		synctest.Test(t, func(t *testing.T) {
			window = min(max(window, 0), maxWindow)
			l := &line{in: make(chan []byte, len(script)+1)}
			packets := 0
			for rest := script; len(rest) > 0; packets++ {
				n := min(int(rest[0]), len(rest)-1)
				l.in <- rest[1 : 1+n]
				rest = rest[1+n:]
			}
			l.answer = func(int, []byte) [][]byte { return nil }
			began := time.Now()
			serveOn(t, t.Context(), l, request{name: "x", window: window}, make([]byte, 10000))
			// Each packet may set off one window at most, and so may each timeout.
			if most := (packets + 200) * max(window, 1); len(l.sent) == 0 || len(l.sent) > most {
				t.Errorf("%d packets were sent", len(l.sent))
			}
			if took := time.Since(began); took > 23*(patience+longest) {
				t.Errorf("it took %v", took)
			}
		})
	})
}
