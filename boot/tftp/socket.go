package tftp

import (
	"net"
	"net/netip"
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
}

func newSocket(conn *net.UDPConn, peer netip.AddrPort, request []byte) *socket {
	return &socket{UDPConn: conn, peer: peer, remote: net.UDPAddrFromAddrPort(peer), request: request}
}

// ReadFrom returns the request, then what its sender sends. Packets of others
// are dropped (RFC 1350 section 4 would have them answered with an error; only
// an attacker sends them here).
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
		if from == s.peer {
			return n, s.remote, nil
		}
	}
}

// WriteTo sends to the transfer's client; the library knows no other.
func (s *socket) WriteTo(b []byte, _ net.Addr) (int, error) {
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
