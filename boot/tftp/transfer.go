package tftp

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/netip"
	"time"

	tftplib "github.com/pin/tftp/v3"
)

// libraryPatience is longer than any transfer: the library's own clock is not to
// run out (see guard).
const libraryPatience = 24 * time.Hour

// ahead is how much of a file is read at a time.
const ahead = 32 << 10

// transfer is one file on its way to one client.
type transfer struct {
	server *Server
	from   netip.AddrPort
	queue  *queue
	log    *slog.Logger

	gone chan struct{} // closed when the exchange has ended
	end  error         // why, once it has; nil if the client has all packets
}

// run has the library make the answer to r, and sends it on w. It returns when
// the client has the file, gave up or fell silent, or soon after ctx ended.
func (s *Server) run(ctx context.Context, from netip.AddrPort, r request, w wire) error {
	q := newQueue()
	t := &transfer{server: s, from: from, queue: q, gone: make(chan struct{}), log: s.log.With("client", from.String(), "file", r.name)}
	go func() {
		defer close(t.gone)
		t.end = newExchange(w, q, r.window).run(ctx)
	}()
	var lib *tftplib.Server
	lib = tftplib.NewServer(func(name string, to io.ReaderFrom) error {
		defer lib.Shutdown() // one transfer, then Serve returns
		return t.send(ctx, name, to)
	}, nil)
	lib.EnableSinglePort()
	lib.SetBlockSizeNegotiation(false) // it would allow 512 bytes only: it cannot see the interface
	lib.SetBlockSize(maxBlock)
	lib.SetTimeout(libraryPatience)
	err := lib.Serve(newGuard(q, net.UDPAddrFromAddrPort(from), r))
	t.await()
	return err
}

// await returns why the exchange ended, once the client has all that the library
// made, or gets no more of it.
func (t *transfer) await() error {
	t.queue.close()
	<-t.gone
	return t.end
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

// copy returns how many bytes the client has.
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
	content := &reader{from: bufio.NewReaderSize(f, ahead)}
	_, err = to.ReadFrom(content)
	end := t.await()
	if end != nil {
		err = end // the cause of what the library was told
	}
	return t.queue.taken(), errors.Join(content.err, err)
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
