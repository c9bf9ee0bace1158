package tftp

import (
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// socket is one transfer's, connected to its client: the kernel drops what others
// send. It blocks in system calls instead of using Go's poller. TFTP sends one
// packet and waits for one answer; on a busy appliance the poller's detour
// through a second thread took two to four times as long as dnsmasq did.
type socket struct {
	file *os.File
	fd   int
	wait time.Duration // what the socket is set to
	slot *slot

	mu     sync.Mutex
	closed bool
}

// newSocket takes conn over, for the client of h.
func newSocket(conn *net.UDPConn, h *slot) (*socket, error) {
	peer := h.from
	file, err := conn.File() // a duplicate
	if err := errors.Join(err, conn.Close()); err != nil {
		return nil, fmt.Errorf("socket for %s: %w", peer, err)
	}
	s := &socket{file: file, fd: int(file.Fd()), slot: h} // Fd makes it block
	to := &unix.SockaddrInet4{Port: int(peer.Port()), Addr: peer.Addr().As4()}
	if err := unix.Connect(s.fd, to); err != nil {
		return nil, errors.Join(fmt.Errorf("socket for %s: %w", peer, err), file.Close())
	}
	return s, nil
}

// interrupt lets receive return at once, now and later.
func (s *socket) interrupt() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed { // the number could be another file's
		unix.Shutdown(s.fd, unix.SHUT_RD) // an error leaves it to the wait to end
	}
}

func (s *socket) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	return s.file.Close()
}

// send implements wire.
func (s *socket) send(p []byte) error {
	_, err := unix.Write(s.fd, p)
	return err
}

// receive implements wire.
func (s *socket) receive(b []byte, wait time.Duration) (int, error) {
	if wait != s.wait {
		limit := unix.NsecToTimeval(wait.Nanoseconds())
		if err := unix.SetsockoptTimeval(s.fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &limit); err != nil {
			return 0, err
		}
		s.wait = wait
	}
	n, err := unix.Read(s.fd, b)
	switch {
	case errors.Is(err, unix.EAGAIN), // nothing came
		errors.Is(err, unix.EINTR): // Go's own signals; socket(7): not restarted
		return 0, nil
	}
	if n > 0 && !s.slot.heard.Load() {
		s.slot.heard.Store(true)
	}
	return max(n, 0), err
}
