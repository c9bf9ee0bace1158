package tftp

import (
	"errors"
	"net"
	"os"
	"runtime"
	"strconv"
	"time"
)

// guard is the net.PacketConn on which the library makes the packets of one
// transfer. It yields the request first, although another socket received it,
// and then one answer for each packet that the library sends, never more. The
// answer does not wait for the client's: the library makes packets until the
// queue is full, and an exchange sends them when the client is ready for them.
// So the library works while the client does, and not while the client waits.
//
// The library (v3.2.0, singlePortProcessRequests) looks the transfer's channel
// up under a lock, lets the lock go, and sends on the channel, which the transfer
// may have closed meanwhile: that panics. So nothing may be on its way to the
// library when a transfer ends: no packet of the client's is passed on, the
// library's own clock never runs out, and nothing follows an error packet.
type guard struct {
	queue *queue
	peer  *net.UDPAddr
	asked request
	first []byte // what ReadFrom yields first, then nil
}

func newGuard(q *queue, peer *net.UDPAddr, r request) *guard {
	return &guard{queue: q, peer: peer, asked: r, first: r.packet()}
}

// ReadFrom implements net.PacketConn.
func (g *guard) ReadFrom(b []byte) (int, net.Addr, error) {
	if g.first != nil {
		n := copy(b, g.first)
		g.first = nil
		return n, g.peer, nil
	}
	if n := g.queue.answer(b); n > 0 {
		return n, g.peer, nil
	}
	// The library comes back at once until its transfer has ended as well.
	runtime.Gosched()
	return 0, nil, os.ErrDeadlineExceeded
}

// WriteTo implements net.PacketConn. Packets are for the transfer's client; the
// library knows no other.
func (g *guard) WriteTo(p []byte, _ net.Addr) (int, error) {
	if len(p) >= 4 {
		g.queue.put(g.acknowledgeWindow(p))
	}
	return len(p), nil
}

// acknowledgeWindow puts the window into the option acknowledgement, which may
// name what the client asked for and nothing else (RFC 2347, RFC 7440 section 3).
func (g *guard) acknowledgeWindow(p []byte) []byte {
	if g.asked.window == 0 || p[1] != opOAck {
		return p
	}
	if g.asked.onlyWindow() {
		p = p[:2]
	}
	return append(p[:len(p):len(p)], "windowsize\x00"+strconv.Itoa(g.asked.window)+"\x00"...)
}

// SetReadDeadline implements net.PacketConn. The library calls it only to end
// its reading loop.
func (g *guard) SetReadDeadline(time.Time) error {
	g.queue.end()
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
