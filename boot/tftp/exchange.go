package tftp

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"
)

// patience is how long a client may acknowledge nothing before it is given up.
const patience = 10 * time.Second

// The ends of a transfer that are no success.
var (
	// errAborted is a client's own: it sent an error packet.
	errAborted = errors.New("the client broke the transfer off")
	errSilent  = errors.New("the client does not answer")
)

// wire carries one transfer's packets.
type wire interface {
	send(p []byte) error
	// receive returns the length of a packet, or 0 if none came within wait.
	receive(b []byte, wait time.Duration) (int, error)
}

// exchange sends a queue's packets to the client as the client acknowledges them:
// one at a time (RFC 1350), or a window at a time where the client asked for it
// (RFC 7440). Nothing is sent ahead of that: it stops shim and starves GRUB.
type exchange struct {
	wire   wire
	queue  *queue
	window int
	clock  clock

	base, next int       // the packets that are under way
	first      int       // the block number of packet 0
	sent       time.Time // when the last packet was
	heard      time.Time // when the client acknowledged something
	repeated   bool      // some of what is under way was sent before
	uneasy     bool      // so was some of what was acknowledged last
}

func newExchange(w wire, q *queue, window int) *exchange {
	return &exchange{wire: w, queue: q, window: max(window, 1), clock: newClock()}
}

// run returns nil when the client has all packets.
func (x *exchange) run(ctx context.Context) error {
	defer x.queue.abandon()
	in := make([]byte, 512) // an error's text may be cut off
	x.heard = time.Now()
	for {
		done, err := x.fill()
		// After the sending: the client waits for that.
		x.queue.free(x.base)
		if done || err != nil {
			return err
		}
		if err := x.await(ctx, in); err != nil {
			return err
		}
	}
}

// fill sends what the window has room for. It reports true after the last packet's
// acknowledgement, and after an error packet, which has none.
func (x *exchange) fill() (bool, error) {
	for x.next-x.base < x.limit() {
		p := x.queue.at(x.next, x.base)
		if p == nil {
			return x.next == x.base, nil
		}
		if x.next == 0 && p[1] == opData {
			x.first = 1
		}
		if err := x.wire.send(p); err != nil {
			return false, fmt.Errorf("send: %w", err)
		}
		if p[1] == opError {
			return true, nil
		}
		x.next++
		x.sent = time.Now()
	}
	return false, nil
}

// limit is 1 for the first packet: an option acknowledgement is answered alone.
func (x *exchange) limit() int {
	if x.base == 0 {
		return 1
	}
	return x.window
}

// await returns nil when there is something to send again.
func (x *exchange) await(ctx context.Context, in []byte) error {
	for {
		n, err := x.wire.receive(in, x.clock.wait)
		p := in[:n]
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case err != nil:
			return fmt.Errorf("receive: %w", err)
		case n >= 4 && p[0] == 0 && p[1] == opError:
			return fmt.Errorf("%w: code %d, %q", errAborted, binary.BigEndian.Uint16(p[2:]), text(p[4:]))
		case n >= 4 && p[0] == 0 && p[1] == opAck && x.acknowledged(binary.BigEndian.Uint16(p[2:])):
			return nil
		case time.Since(x.heard) >= patience:
			return errSilent
		case time.Since(x.sent) >= x.clock.wait:
			x.clock.expired()
			x.goBack()
			return nil
		}
	}
}

// acknowledged notes the acknowledgement of a block. It reports false for one that
// changes nothing.
//
// With one packet under way, an acknowledgement that is repeated changes nothing:
// to answer it would send every later block twice (the sorcerer's apprentice,
// RFC 1123 section 4.2.3.1). In a window it tells of a lost block, as does one of a
// block that is not the window's last (RFC 7440 section 4). It is believed once,
// and not after packets were repeated: EDK2 acknowledges each block that it does
// not expect, and to believe all of that would repeat each window for ever.
func (x *exchange) acknowledged(block uint16) bool {
	ahead := int(block - uint16(x.base+x.first))
	underWay := x.next - x.base
	if ahead >= underWay {
		again := ahead == 0xffff && x.window > 1 && !x.repeated && !x.uneasy
		if again {
			x.goBack()
		}
		return again
	}
	x.heard = time.Now()
	if !x.repeated && ahead == underWay-1 {
		x.clock.measured(x.heard.Sub(x.sent))
	}
	x.base += ahead + 1
	x.uneasy, x.repeated = x.repeated, false
	if x.base != x.next {
		x.goBack()
	}
	return true
}

func (x *exchange) goBack() { x.next, x.repeated = x.base, true }

// text is a packet's zero-terminated text.
func text(b []byte) string {
	for i, c := range b {
		if c == 0 {
			return string(b[:i])
		}
	}
	return string(b)
}
