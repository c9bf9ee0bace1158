package tftp

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// defaultRetry is how long an answer is awaited before a packet is sent
	// again; firmware itself waits four seconds or more. maxRetry bounds what
	// a client may ask for.
	defaultRetry = time.Second
	maxRetry     = 5 * time.Second
	// attempts is how often a packet is sent before the client is given up.
	attempts = 10
)

// The ends of a transfer that are no success.
var (
	// errAborted is a client's own: it sent an error packet.
	errAborted = errors.New("the client broke the transfer off")
	errSilent  = errors.New("the client does not answer")
)

// socket is one transfer's, connected to its client: the kernel drops what others
// send. It blocks in system calls instead of using Go's poller. TFTP sends one
// packet and waits for one answer; on a busy appliance the poller's detour
// through a second thread took two to four times as long as dnsmasq did.
type socket struct {
	file *os.File
	fd   int
}

// newSocket takes conn over.
func newSocket(conn *net.UDPConn, peer netip.AddrPort) (*socket, error) {
	file, err := conn.File() // a duplicate, and in blocking mode
	if err := errors.Join(err, conn.Close()); err != nil {
		return nil, fmt.Errorf("socket for %s: %w", peer, err)
	}
	s := &socket{file: file, fd: int(file.Fd())}
	to := &unix.SockaddrInet4{Port: int(peer.Port()), Addr: peer.Addr().Unmap().As4()}
	if err := unix.Connect(s.fd, to); err != nil {
		return nil, errors.Join(fmt.Errorf("socket for %s: %w", peer, err), file.Close())
	}
	return s, nil
}

func (s *socket) close() error { return s.file.Close() }

// exchange sends packet until block is acknowledged. Repeated acknowledgements of
// earlier blocks are passed over: to answer them would send every later block
// twice (the sorcerer's apprentice, RFC 1123 section 4.2.3.1).
func (s *socket) exchange(ctx context.Context, packet []byte, block uint16, retry time.Duration) error {
	var answer [512]byte
	for range attempts {
		if _, err := unix.Write(s.fd, packet); err != nil {
			return fmt.Errorf("send block %d: %w", block, err)
		}
		for deadline := time.Now().Add(retry); ; {
			n, err := s.receive(answer[:], time.Until(deadline))
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if errors.Is(err, os.ErrDeadlineExceeded) {
				break
			}
			if err != nil {
				return fmt.Errorf("await block %d: %w", block, err)
			}
			if n >= 4 && answer[0] == 0 && answer[1] == opError {
				return fmt.Errorf("%w: code %d, %q", errAborted, answer[3], text(answer[4:n]))
			}
			if n >= 4 && answer[0] == 0 && answer[1] == opAck && answer[2] == byte(block>>8) && answer[3] == byte(block) {
				return nil
			}
		}
	}
	return errSilent
}

// receive waits for one packet, at most for wait. It may return without one
// before that.
func (s *socket) receive(b []byte, wait time.Duration) (int, error) {
	if wait < time.Millisecond {
		return 0, os.ErrDeadlineExceeded
	}
	limit := unix.NsecToTimeval(wait.Nanoseconds())
	if err := unix.SetsockoptTimeval(s.fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &limit); err != nil {
		return 0, err
	}
	n, err := unix.Read(s.fd, b)
	switch {
	case errors.Is(err, unix.EAGAIN):
		return 0, os.ErrDeadlineExceeded
	case errors.Is(err, unix.EINTR): // by Go's own signals; socket(7): not restarted
		return 0, nil
	}
	return n, err
}

// refuse sends an error packet, which is not acknowledged.
func (s *socket) refuse(code byte, message string) error {
	packet := append([]byte{0, opError, 0, code}, message...)
	_, err := unix.Write(s.fd, append(packet, 0))
	return err
}

// text is a packet's zero-terminated text.
func text(b []byte) string {
	for i, c := range b {
		if c == 0 {
			return string(b[:i])
		}
	}
	return string(b)
}
