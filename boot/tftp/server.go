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
	"regain.example/boot/internal/quiet"
)

// Port is RFC 1350's.
const Port = 69

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
	log      *slog.Logger // what only the appliance's own troubles cause
	quiet    *quiet.Log   // what machines can cause

	slots slots
	done  sync.WaitGroup
}

// New returns a server that opens a socket for each transfer with listen, which
// must bind it to the bench interface.
func New(listen func() (*net.UDPConn, error), f Files, machines boot.Machines, m boot.Meter, log *slog.Logger) *Server {
	return &Server{
		listen: listen, files: f, machines: machines, meter: m, log: log, quiet: quiet.New(log, time.Now),
		slots: slots{now: time.Now, held: map[netip.AddrPort]*slot{}},
	}
}

// Serve takes requests from conn until ctx ends, then waits for the transfers
// under way, which end at once. It closes conn.
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
		if refusal := s.start(ctx, from, buf[:n]); refusal != "" {
			s.meter.TFTP("refused", 0)
			conn.WriteToUDPAddrPort(errorPacket(refusal), from) // lost, it is as good as one lost on the way
		}
	}
}

// start begins the transfer that packet asks for, or returns why it does not; the
// client is told. A request that is repeated while its transfer runs is the client's
// impatience and no second transfer. A stranger gets no more than a reply that is
// hardly longer than its request.
func (s *Server) start(ctx context.Context, from netip.AddrPort, packet []byte) (refusal string) {
	from = netip.AddrPortFrom(from.Addr().Unmap(), from.Port())
	r, err := parse(packet)
	if err != nil {
		s.quiet.Log(slog.LevelInfo, from.Addr().String(), "TFTP request refused", "client", from.String(), "err", err)
		return err.Error()
	}
	c, known := s.machines.Client(from.Addr())
	if !known {
		s.quiet.Log(slog.LevelWarn, "strangers", "TFTP request from an address without a lease", "client", from.String(), "file", r.name)
		return "this address was not given by this server"
	}
	ctx, cancel := context.WithCancelCause(ctx)
	h, repeated := s.slots.take(from, cancel)
	if h == nil {
		cancel(nil)
		if !repeated {
			s.meter.TFTP("refused", 0)
			s.quiet.Log(slog.LevelWarn, from.Addr().String(), "too many TFTP transfers at once", "client", from.String(), "file", r.name)
		}
		return "" // it is not told: firmware asks again, but gives up after an error
	}
	s.done.Go(func() {
		defer s.slots.give(h)
		defer cancel(nil)
		s.answer(ctx, h, c, r)
	})
	return ""
}

func (s *Server) answer(ctx context.Context, h *slot, c boot.Client, r request) {
	conn, err := s.open(h)
	if err == nil {
		stop := context.AfterFunc(ctx, conn.interrupt)
		err = s.run(ctx, h.from, c, r, conn)
		stop()
		err = errors.Join(err, conn.close())
	}
	if err != nil {
		s.meter.TFTP("error", 0)
		s.quiet.Log(slog.LevelError, h.from.Addr().String(), "TFTP transfer not served", "client", h.from.String(), "err", err)
	}
}

func (s *Server) open(h *slot) (*socket, error) {
	conn, err := s.listen()
	if err != nil {
		return nil, err
	}
	return newSocket(conn, h)
}

// errorPacket has the code for an error that is only told in words (RFC 1350,
// figure 5-4 and appendix).
func errorPacket(message string) []byte { return []byte("\x00\x05\x00\x00" + message + "\x00") }
