package tftp

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"
)

// receiver is a client after RFC 1350 and RFC 7440 section 4: it acknowledges each
// window's last block, and the last one before a gap. The wire to it and back loses
// packets.
type receiver struct {
	window int
	block  int
	// insistent repeats the acknowledgement for each block after a gap, as EDK2's
	// MTFTP does; others send it once.
	insistent bool
	// twice sends each acknowledgement twice.
	twice bool
	lost  func() bool

	in    chan []byte
	timer *time.Timer
	got   bytes.Buffer
	last  uint16 // the block that was taken last
	count int    // of the window's blocks taken
	gap   bool
	done  bool
	sent  int // by the server
}

// clientTimeout is EDK2's.
const clientTimeout = 4 * time.Second

func (r *receiver) start() {
	r.in = make(chan []byte, 1<<20)
	r.timer = time.AfterFunc(clientTimeout, func() { r.acknowledge(); r.timer.Reset(clientTimeout) })
}

func (r *receiver) acknowledge() {
	p := binary.BigEndian.AppendUint16([]byte{0, opAck}, r.last)
	for range 1 + btoi(r.twice) {
		if !r.lost() {
			r.in <- p
		}
	}
	r.count = 0
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (r *receiver) send(p []byte) error {
	r.sent++
	if r.lost() {
		return nil
	}
	r.timer.Reset(clientTimeout)
	switch n := binary.BigEndian.Uint16(p[2:]); {
	case p[1] == opOAck:
		if r.got.Len() == 0 {
			r.acknowledge()
		}
	case p[1] != opData:
		return fmt.Errorf("unexpected packet %q", p)
	case n == r.last+1 && !r.done:
		r.gap = false
		r.last = n
		r.got.Write(p[4:])
		r.done = len(p)-4 < r.block
		if r.count++; r.count == r.window || r.done {
			r.acknowledge()
		}
	case n == r.last || !r.gap || r.insistent: // the first: RFC 1350's lost acknowledgement
		r.gap = true
		r.acknowledge()
	}
	return nil
}

func (r *receiver) receive(b []byte, wait time.Duration) (int, error) {
	select {
	case p := <-r.in:
		return copy(b, p), nil
	case <-time.After(wait):
		return 0, nil
	}
}

// fetch has r take content whole.
func (r *receiver) fetch(t *testing.T, content []byte) {
	t.Helper()
	r.start()
	defer r.timer.Stop()
	asked := request{name: "x", block: r.block}
	if r.window > 1 {
		asked.window = r.window
	}
	files := serveOn(t, t.Context(), r, asked, content)
	if !bytes.Equal(r.got.Bytes(), content) {
		t.Errorf("%d bytes arrived of %d, or wrong ones", r.got.Len(), len(content))
	}
	if files.sent != 1 {
		t.Error(files.broken)
	}
}

// TestWindows counts the packets that a file of 301 blocks takes, without loss and
// with it. Twice as many as needed is what going back may cost at 1 %.
func TestWindows(t *testing.T) {
	content := make([]byte, 300*512+7)
	for n := range content {
		content[n] = byte(rand.Uint32())
	}
	for _, window := range []int{1, 2, 4, 16} {
		for _, percent := range []int{0, 1, 10} {
			for _, r := range []receiver{{}, {insistent: true}, {twice: true}} {
				name := fmt.Sprintf("window %d, %d %% lost, insistent %v, twice %v", window, percent, r.insistent, r.twice)
				t.Run(name, func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						dice := rand.New(rand.NewPCG(uint64(window), uint64(percent)))
						r.window, r.block, r.lost = window, 512, func() bool { return dice.IntN(100) < percent }
						began := time.Now()
						r.fetch(t, content)
						least, most := 302, 302
						if r.twice && window > 1 {
							most = 2 * 302 // each window once more, and not again for that
						}
						if percent > 0 {
							most += 302 * percent * 2 * window / 100 * 2
						}
						if r.sent < least || r.sent > most {
							t.Errorf("%d packets were sent, want %d to %d", r.sent, least, most)
						}
						// Each loss costs the shortest wait, now and then doubled.
						if took := time.Since(began); took > 2*longest+time.Duration(302*2*percent/100)*3*shortest {
							t.Errorf("it took %v", took)
						}
					})
				})
			}
		}
	}
}

// TestBlockNumbersWrap sends more blocks than a block number can count, with and
// without a window, and loses some about where it wraps.
func TestBlockNumbersWrap(t *testing.T) {
	content := bytes.Repeat([]byte("0123456789abcde\n"), (66000*512+16)/16)
	for _, window := range []int{1, 4, 16} {
		t.Run(fmt.Sprint(window), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := &receiver{window: window, block: 512}
				r.lost = func() bool { return r.sent > 65500 && r.sent < 65600 && r.sent%7 == 0 }
				r.fetch(t, content)
				if r.sent < 66002 {
					t.Errorf("only %d packets were sent", r.sent)
				}
			})
		})
	}
}

// TestWindowAgreed holds the first packets against RFC 2347 and RFC 7440 section 3:
// the server acknowledges what was asked for and nothing else, and sends no block
// before that is acknowledged; then a window of blocks.
func TestWindowAgreed(t *testing.T) {
	for _, test := range []struct {
		asked request
		want  string
	}{
		{request{name: "x", window: 4}, "\x00\x06windowsize\x004\x00"},
		{request{name: "x", window: 4, size: true}, "\x00\x06tsize\x0010000\x00windowsize\x004\x00"},
		{request{name: "x", window: 16, block: 600}, "\x00\x06blksize\x00600\x00windowsize\x0016\x00"},
		{request{name: "x", block: 600}, "\x00\x06blksize\x00600\x00"},
	} {
		synctest.Test(t, func(t *testing.T) {
			l := &line{in: make(chan []byte, 10)}
			l.answer = func(n int, _ []byte) [][]byte {
				if n == 1 {
					time.AfterFunc(longest/2, func() { l.in <- []byte{0, opAck, 0, 0} })
				}
				return nil
			}
			ctx, cancel := context.WithTimeout(t.Context(), longest-1)
			defer cancel()
			serveOn(t, ctx, l, test.asked, make([]byte, 10000))
			if string(l.sent[0]) != test.want {
				t.Errorf("%+v is answered with %q, want %q", test.asked, l.sent[0], test.want)
			}
			if blocks := len(l.sent) - 1; blocks != max(test.asked.window, 1) {
				t.Errorf("%+v: %d blocks followed before the first was acknowledged", test.asked, blocks)
			}
		})
	}
}
