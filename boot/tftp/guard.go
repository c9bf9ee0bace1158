package tftp

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime"
	"sync"
	"time"
)

// attempts is how often a packet is sent before the client is given up.
const attempts = 10

// The ends of a transfer that are no success.
var (
	// errAborted is a client's own: it sent an error packet.
	errAborted = errors.New("the client broke the transfer off")
	errSilent  = errors.New("the client does not answer")
)

// wire carries one transfer's packets.
type wire interface {
	send(p []byte) error
	// receive returns the length of a packet, or 0 if none came for a while.
	receive(b []byte) (int, error)
}

// guard is the net.PacketConn on which the library serves one transfer. It
// yields the request first, although another socket received it, and then one
// answer for each packet that the library sends, never more.
//
// The library (v3.2.0, singlePortProcessRequests) looks the transfer's channel
// up under a lock, lets the lock go, and sends on the channel, which the transfer
// may have closed meanwhile: that panics. So nothing may be on its way to the
// library when a transfer ends. Hence
//   - a block's acknowledgement is passed on once, however often the block and
//     its acknowledgement are repeated;
//   - the library never gives up by its own clock: that could be the moment in
//     which an acknowledgement arrives. The guard counts the attempts, and ends
//     the transfer by an error packet in the answer's place;
//   - after an error packet nothing is passed on.
//
// ReadFrom waits on a condition until an answer is due, and only then reads.
// So the library's two goroutines take turns on one thread.
type guard struct {
	ctx     context.Context
	wire    wire
	peer    *net.UDPAddr
	request []byte // what ReadFrom yields first, then nil

	mu     sync.Mutex
	change sync.Cond // of due or ended
	last   [4]byte   // the head of the packet that was sent last
	sent   int       // how often
	due    bool      // its answer has not been passed on
	fail   error     // why the transfer is to end, or has ended
	ended  bool      // the library wants its reading loop to end
}

func newGuard(ctx context.Context, w wire, peer *net.UDPAddr, request []byte) *guard {
	g := &guard{ctx: ctx, wire: w, peer: peer, request: request}
	g.change.L = &g.mu
	return g
}

// ReadFrom implements net.PacketConn.
func (g *guard) ReadFrom(b []byte) (int, net.Addr, error) {
	if g.request != nil {
		n := copy(b, g.request)
		g.request = nil
		return n, g.peer, nil
	}
	for g.awaitDue() {
		n, err := g.wire.receive(b)
		if n = g.pass(b, n, err); n > 0 {
			return n, g.peer, nil
		}
	}
	// The library comes back at once until its transfer has ended as well.
	runtime.Gosched()
	return 0, nil, os.ErrDeadlineExceeded
}

// awaitDue reports false when the reading is to end.
func (g *guard) awaitDue() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	for !g.due && !g.ended {
		g.change.Wait()
	}
	return g.due
}

// pass returns how much of b is for the library: the acknowledgement that is
// due, an error packet that ends the transfer, or nothing. Acknowledgements of
// earlier blocks are nothing: to answer them would send every later block twice
// (the sorcerer's apprentice, RFC 1123 section 4.2.3.1).
func (g *guard) pass(b []byte, n int, err error) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch p := b[:n]; {
	case g.ctx.Err() != nil:
		g.fail = g.ctx.Err()
	case err != nil:
		g.fail = fmt.Errorf("receive: %w", err)
	case n >= 4 && p[0] == 0 && p[1] == opError:
		g.fail = fmt.Errorf("%w: code %d, %q", errAborted, p[3], text(p[4:]))
	}
	if g.fail != nil {
		g.due = false
		return copy(b, "\x00\x05\x00\x00given up\x00") // RFC 1350 figure 5-4
	}
	if n >= 4 && [4]byte(b) == g.answer() {
		g.due = false
		return n
	}
	return 0
}

// answer is the head of the acknowledgement of last (RFC 2347: block 0 for an
// option acknowledgement).
func (g *guard) answer() [4]byte {
	if g.last[1] == opOAck {
		return [4]byte{0, opAck, 0, 0}
	}
	return [4]byte{0, opAck, g.last[2], g.last[3]}
}

// WriteTo implements net.PacketConn. It sends to the transfer's client; the
// library knows no other. What cannot be sent ends the transfer through
// ReadFrom, not here.
func (g *guard) WriteTo(p []byte, _ net.Addr) (int, error) {
	if len(p) < 4 {
		return len(p), nil
	}
	head := [4]byte(p)
	var err error
	if g.wanted(head) {
		err = g.wire.send(p)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if err != nil {
		g.fail = fmt.Errorf("send: %w", err)
	}
	if head[1] != opError && head != g.last {
		// Something must answer it, be it the error that kept it from the
		// client: the library waits without end.
		g.last, g.sent, g.due = head, 0, true
		g.change.Signal()
	}
	g.sent++
	return len(p), nil
}

// wanted reports whether a packet that begins with head is to be sent: nothing
// is after the end, nor what has its answer already.
func (g *guard) wanted(head [4]byte) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if head == g.last && g.due && g.sent >= attempts {
		g.fail = errSilent
	}
	return g.fail == nil && (head != g.last || g.due)
}

// end is why the transfer ended, if the guard ended it.
func (g *guard) end() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.fail
}

// SetReadDeadline implements net.PacketConn. The library calls it only to end
// its reading loop.
func (g *guard) SetReadDeadline(time.Time) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.ended = true
	g.change.Broadcast()
	return nil
}

// LocalAddr implements net.PacketConn. The library asks for it to tell IPv4 from
// IPv6.
func (g *guard) LocalAddr() net.Addr { return &net.UDPAddr{IP: net.IPv4zero} }

// Close implements net.PacketConn. The wire belongs to the transfer.
func (g *guard) Close() error { return nil }

// SetDeadline and SetWriteDeadline implement net.PacketConn. The library does
// not call them.
func (g *guard) SetDeadline(time.Time) error      { return errors.ErrUnsupported }
func (g *guard) SetWriteDeadline(time.Time) error { return errors.ErrUnsupported }

// text is a packet's zero-terminated text.
func text(b []byte) string {
	for i, c := range b {
		if c == 0 {
			return string(b[:i])
		}
	}
	return string(b)
}
