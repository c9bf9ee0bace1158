// Package tftp serves the boot loaders, read-only (RFC 1350 with the options of
// RFC 2347 to 2349). It serves a fixed list of names; nothing that a client
// writes is ever used as a path.
//
// The protocol is pin/tftp's. Its servers answer each request from a new socket
// that is bound to no interface; its single-port mode uses the connection it is
// given, but one for all machines, with one lock and one reading loop. So each
// transfer here has a socket of its own, bound to the interface, and a
// single-port server of the library's for that one transfer. Type guard stands
// between the two.
//
// The library's anticipation (sending ahead of the acknowledgements) stays off:
// it stops shim and starves GRUB.
package tftp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"

	"regain.example/boot"
)

// Port is RFC 1350's.
const Port = 69

// maxTransfers bounds the transfers under way. 40 benches that are powered on
// together need fewer, and each holds a thread.
const maxTransfers = 128

// maxPerClient bounds one machine's share. Firmware has one transfer under way,
// and may have left one or two behind.
const maxPerClient = 8

// Files is what is served.
type Files interface {
	// Open returns the content of name as it is for c; fs.ErrNotExist for a
	// name that is not served.
	Open(ctx context.Context, c boot.Client, name string) (io.ReadSeekCloser, error)
	// Sent is told that c has the whole of name.
	Sent(c boot.Client, name string)
	// Broken is told that c began to fetch name and has not the whole of it.
	Broken(c boot.Client, name string, err error)
}

// Server answers read requests.
type Server struct {
	listen   func() (*net.UDPConn, error)
	files    Files
	machines boot.Machines
	meter    boot.Meter
	log      *slog.Logger

	mu     sync.Mutex
	active map[netip.AddrPort]bool
	done   sync.WaitGroup
}

// New returns a server that opens a socket for each transfer with listen, which
// must bind it to the bench interface.
func New(listen func() (*net.UDPConn, error), f Files, machines boot.Machines, m boot.Meter, log *slog.Logger) *Server {
	return &Server{listen: listen, files: f, machines: machines, meter: m, log: log, active: map[netip.AddrPort]bool{}}
}

// Serve takes requests from conn until ctx ends, then waits for the transfers
// under way, which end within a second. It closes conn.
func (s *Server) Serve(ctx context.Context, conn *net.UDPConn) error {
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer s.done.Wait()
	defer stop()
	defer conn.Close()
	buf := make([]byte, 2048)
	for {
		n, from, err := conn.ReadFromUDPAddrPort(buf)
		if ctx.Err() != nil {
			return nil
		}
		if errors.Is(err, net.ErrClosed) {
			return fmt.Errorf("tftp: %w", err)
		}
		if err != nil { // the interface went down, say: it may come back
			s.log.Warn("read of a TFTP request", "err", err)
			time.Sleep(time.Second)
			continue
		}
		s.start(ctx, from, buf[:n])
	}
}

// start begins the transfer that packet asks for. A request that is repeated
// while its transfer runs is the client's impatience and no second transfer.
func (s *Server) start(ctx context.Context, from netip.AddrPort, packet []byte) {
	r, err := parse(packet)
	if err != nil {
		s.meter.TFTP("refused", 0)
		s.log.Debug("TFTP request refused", "client", from.String(), "err", err)
		return
	}
	if !s.admit(from) {
		return
	}
	s.done.Go(func() {
		defer s.release(from)
		s.answer(ctx, from, r)
	})
}

func (s *Server) answer(ctx context.Context, from netip.AddrPort, r request) {
	conn, err := s.open(from)
	if err == nil {
		err = errors.Join(s.run(ctx, from, r, conn), conn.close())
	}
	if err != nil {
		s.meter.TFTP("error", 0)
		s.log.Error("TFTP transfer not served", "client", from.String(), "err", err)
	}
}

func (s *Server) open(from netip.AddrPort) (*socket, error) {
	conn, err := s.listen()
	if err != nil {
		return nil, err
	}
	return newSocket(conn, from)
}

func (s *Server) admit(from netip.AddrPort) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.active[from] {
		return false
	}
	own := 0
	for a := range s.active {
		if a.Addr() == from.Addr() {
			own++
		}
	}
	if own >= maxPerClient || len(s.active) >= maxTransfers {
		s.meter.TFTP("refused", 0)
		return false
	}
	s.active[from] = true
	return true
}

func (s *Server) release(from netip.AddrPort) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.active, from)
}
