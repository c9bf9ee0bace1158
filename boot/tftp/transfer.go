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

	"regain.example/boot"
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
	client boot.Client
	file   string
	queue  *queue

	gone chan struct{} // closed when the exchange has ended
	end  error         // why, once it has; nil if the client has all packets
}

// run has the library make the answer to r, and sends it on w. It returns when
// the client has the file, gave up or fell silent, or when w returns after ctx
// ended.
func (s *Server) run(ctx context.Context, from netip.AddrPort, c boot.Client, r request, w wire) error {
	q := newQueue()
	t := &transfer{server: s, from: from, client: c, file: r.name, queue: q, gone: make(chan struct{})}
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
	f, err := s.files.Open(ctx, t.client, name)
	if errors.Is(err, fs.ErrNotExist) {
		s.meter.TFTP("refused", 0)
		t.log(slog.LevelInfo, "TFTP request for a file that is not served")
		return errors.New("no such file")
	}
	if err != nil {
		s.meter.TFTP("error", 0)
		t.log(slog.LevelError, "TFTP file not opened", "err", err)
		return errUnreadable
	}
	defer f.Close()
	n, err := t.copy(f, to)
	switch {
	case err == nil:
		s.meter.TFTP("ok", n)
		t.log(slog.LevelInfo, "TFTP file sent", "bytes", n)
		s.files.Sent(t.client, name)
	case errors.Is(err, errAborted) && n == 0:
		// Firmware asks for the size first, and breaks off.
		t.log(slog.LevelDebug, "TFTP request for a file's size", "err", err)
	case errors.Is(err, errGaveWay):
		s.meter.TFTP("refused", 0)
		t.log(slog.LevelInfo, "TFTP transfer given up", "err", err)
	default:
		s.meter.TFTP("error", n)
		t.log(slog.LevelWarn, "TFTP transfer broken off", "bytes", n, "err", err)
		if ctx.Err() == nil { // the server's own end says nothing of the machine
			s.files.Broken(t.client, name, err)
		}
	}
	return err
}

func (t *transfer) log(level slog.Level, message string, args ...any) {
	t.server.quiet.Log(level, t.from.Addr().String(), message,
		append([]any{"machine", t.client.MAC.String(), "client", t.from.String(), "file", t.file}, args...)...)
}

// copy returns how many bytes the client has.
func (t *transfer) copy(f io.ReadSeeker, to io.ReaderFrom) (int64, error) {
	size, err := f.Seek(0, io.SeekEnd)
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		t.log(slog.LevelError, "TFTP file has no size", "err", err)
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
