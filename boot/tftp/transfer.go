package tftp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"math"
	"net"
	"net/netip"
	"time"

	tftplib "github.com/pin/tftp/v3"
)

// retryTime is how long an answer is awaited before a packet is sent again;
// firmware itself waits four seconds or more.
const retryTime = time.Second

// transfer is one file on its way to one client.
type transfer struct {
	server *Server
	from   netip.AddrPort
	guard  *guard
	log    *slog.Logger
}

// run has the library answer r on w. It returns when the client has the file,
// gave up or fell silent, or soon after ctx ended.
func (s *Server) run(ctx context.Context, from netip.AddrPort, r request, w wire) error {
	g := newGuard(ctx, w, net.UDPAddrFromAddrPort(from), r.packet())
	t := &transfer{server: s, from: from, guard: g, log: s.log.With("client", from.String(), "file", r.name)}
	var lib *tftplib.Server
	lib = tftplib.NewServer(func(name string, to io.ReaderFrom) error {
		defer lib.Shutdown() // one transfer, then Serve returns
		return t.send(ctx, name, to)
	}, nil)
	lib.EnableSinglePort()
	lib.SetBlockSizeNegotiation(false) // it would allow 512 bytes only: it cannot see the interface
	lib.SetBlockSize(maxBlock)
	lib.SetTimeout(retryTime)
	lib.SetRetries(math.MaxInt) // see guard
	lib.SetBackoff(func(int) time.Duration { return 0 })
	return lib.Serve(g)
}

// send gives the library the file and reports how the transfer went. The error
// is what the client is told.
func (t *transfer) send(ctx context.Context, name string, to io.ReaderFrom) error {
	s := t.server
	c, known := s.machines.Client(t.from.Addr().Unmap())
	if !known {
		s.meter.TFTP("refused", 0)
		t.log.Warn("TFTP request from an address without a lease")
		return errors.New("this address was not given by this server")
	}
	log := t.log.With("machine", c.MAC.String())
	f, err := s.files.Open(ctx, c, name)
	if errors.Is(err, fs.ErrNotExist) {
		s.meter.TFTP("refused", 0)
		log.Info("TFTP request for a file that is not served")
		return errors.New("no such file")
	}
	if err != nil {
		s.meter.TFTP("error", 0)
		log.Error("TFTP file not opened", "err", err)
		return errUnreadable
	}
	defer f.Close()
	n, err := t.copy(f, to)
	switch {
	case err == nil:
		s.meter.TFTP("ok", n)
		log.Info("TFTP file sent", "bytes", n)
		s.files.Sent(c, name)
	case errors.Is(err, errAborted) && n == 0:
		// Firmware asks for the size first, and breaks off.
		log.Debug("TFTP request for a file's size", "err", err)
	default:
		s.meter.TFTP("error", n)
		log.Warn("TFTP transfer broken off", "bytes", n, "err", err)
		if ctx.Err() == nil { // the server's own end says nothing of the machine
			s.files.Broken(c, name, err)
		}
	}
	return err
}

// copy returns how many bytes were sent.
func (t *transfer) copy(f io.ReadSeeker, to io.ReaderFrom) (int64, error) {
	size, err := f.Seek(0, io.SeekEnd)
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		t.log.Error("TFTP file has no size", "err", err)
		return 0, errUnreadable
	}
	to.(tftplib.OutgoingTransfer).SetSize(size)
	content := &reader{from: f}
	n, err := to.ReadFrom(content)
	return n, errors.Join(content.err, t.cause(err))
}

// cause is the guard's reason for err, if it has one.
func (t *transfer) cause(err error) error {
	if end := t.guard.end(); err != nil && end != nil {
		return end
	}
	return err
}

// errUnreadable is what a client is told; the cause is in the log.
var errUnreadable = errors.New("the file cannot be read")

// reader keeps the cause of an error from the client, to whom the library sends
// what Read returns.
type reader struct {
	from io.Reader
	err  error
}

func (r *reader) Read(b []byte) (int, error) {
	n, err := r.from.Read(b)
	if err != nil && err != io.EOF {
		r.err, err = fmt.Errorf("read: %w", err), errUnreadable
	}
	return n, err
}
