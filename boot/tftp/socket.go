package tftp

import (
	"net"
	"net/netip"
	"sync"
	"time"
)

// lingerTime is how long a socket stays open after its transfer, to swallow the
// client's repeated last acknowledgement.
const lingerTime = 50 * time.Millisecond

// socket is one transfer's socket as the library's single-port server wants it:
// the request arrives on it first, although another socket received it. It is
// not a *net.UDPConn to the library, which would then ask the kernel for the
// interface's data at every packet.
type socket struct {
	*net.UDPConn
	peer    netip.AddrPort
	remote  *net.UDPAddr
	request []byte

	mu    sync.Mutex
	armed bool    // a block was sent whose answer has not come
	block [2]byte // its number
}

func newSocket(conn *net.UDPConn, peer netip.AddrPort, request []byte) *socket {
	return &socket{UDPConn: conn, peer: peer, remote: net.UDPAddrFromAddrPort(peer), request: request}
}

// ReadFrom returns the request, then the answers to what was sent: of each block
// the first acknowledgement, or an error. Repeated acknowledgements end here:
// the library closes a channel when it has the last one, and would panic over
// another. Packets of others are dropped (RFC 1350 section 4 would have them
// answered with an error; only an attacker sends them here).
func (s *socket) ReadFrom(b []byte) (int, net.Addr, error) {
	if s.request != nil {
		n := copy(b, s.request)
		s.request = nil
		return n, s.remote, nil
	}
	for {
		n, from, err := s.UDPConn.ReadFromUDPAddrPort(b)
		if err != nil {
			// The library's loop comes back at once after an error, until
			// its transfer has noticed as well.
			time.Sleep(lingerTime / 10)
			return 0, nil, err
		}
		if from == s.peer && s.awaited(b[:n]) {
			return n, s.remote, nil
		}
	}
}

// The operation codes of RFC 1350 section 5 and RFC 2347.
const (
	opData  = 3
	opAck   = 4
	opError = 5
	opOAck  = 6 // acknowledged as block 0
)

// awaited reports whether p is the answer that the library waits for, and
// disarms.
func (s *socket) awaited(p []byte) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.armed || len(p) < 4 || p[0] != 0 {
		return false
	}
	if p[1] == opAck && [2]byte(p[2:]) == s.block || p[1] == opError {
		s.armed = false
		return true
	}
	return false
}

// sending arms the socket for the answer to p.
func (s *socket) sending(p []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case len(p) >= 4 && p[1] == opData:
		s.armed, s.block = true, [2]byte(p[2:])
	case len(p) >= 2 && p[1] == opOAck:
		s.armed, s.block = true, [2]byte{}
	}
}

// WriteTo sends to the transfer's client; the library knows no other.
func (s *socket) WriteTo(b []byte, _ net.Addr) (int, error) {
	s.sending(b)
	return s.UDPConn.WriteToUDPAddrPort(b, s.peer)
}

// SetReadDeadline is called by the library only when the transfer has ended,
// and would wait for a second.
func (s *socket) SetReadDeadline(t time.Time) error {
	if linger := time.Now().Add(lingerTime); t.After(linger) {
		t = linger
	}
	return s.UDPConn.SetReadDeadline(t)
}
