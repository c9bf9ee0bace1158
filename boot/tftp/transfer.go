package tftp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/netip"
	"time"

	tftplib "github.com/pin/tftp/v3"
)

const (
	// retryTime and retries: a packet is sent again after a second, and the
	// transfer given up after ten. Firmware itself waits four seconds or
	// more before it repeats.
	retryTime = time.Second
	retries   = 10
	// maxBlock is the largest block (RFC 2348) that fits Ethernet's frame of
	// 1500 bytes: 20 for IP, 8 for UDP, 4 for TFTP. Firmware does not put
	// fragments together.
	maxBlock = 1468
)

// transfer is one file on its way to one client.
type transfer struct {
	server  *Server
	conn    *net.UDPConn
	from    netip.AddrPort
	request []byte
}

// run sends the file and returns when the client has it, gave up, or ctx ends.
func (t *transfer) run(ctx context.Context) {
	defer t.conn.Close()
	defer context.AfterFunc(ctx, func() { t.conn.Close() })()

	var lib *tftplib.Server
	lib = tftplib.NewServer(func(name string, to io.ReaderFrom) error {
		defer lib.Shutdown() // one transfer, then Serve returns
		return t.send(ctx, name, to)
	}, nil)
	lib.EnableSinglePort()
	lib.SetBlockSizeNegotiation(false) // it would allow 512 bytes only, see socket
	lib.SetBlockSize(maxBlock)
	lib.SetTimeout(retryTime)
	lib.SetRetries(retries)
	lib.SetBackoff(func(int) time.Duration { return 0 })
	if err := serve(lib, newSocket(t.conn, t.from, t.request)); err != nil {
		t.server.log.Warn("TFTP transfer", "client", t.from.String(), "err", err)
	}
}

// serve runs the library for one transfer. If the last block was sent twice, and
// its second acknowledgement comes in the moment in which the first has ended the
// transfer, pin/tftp v3.2.0 sends on a channel that it has closed. The client has
// the whole file by then, so the panic ends here.
func serve(lib *tftplib.Server, s net.PacketConn) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("after its end: %v", r)
		}
	}()
	return lib.Serve(s)
}

func (t *transfer) send(ctx context.Context, name string, to io.ReaderFrom) error {
	s := t.server
	c, known := s.machines.Client(t.from.Addr())
	if !known {
		s.meter.TFTP("refused", 0)
		s.log.Warn("TFTP request from an address without a lease", "client", t.from.String())
		return errors.New("this address was not given by this server")
	}
	log := s.log.With("machine", c.MAC.String(), "file", name)
	f, err := s.files.Open(ctx, c, name)
	if errors.Is(err, fs.ErrNotExist) {
		s.meter.TFTP("refused", 0)
		log.Info("TFTP request for a file that is not served")
		return errors.New("no such file")
	}
	if err != nil {
		s.meter.TFTP("error", 0)
		log.Error("TFTP file not opened", "err", err)
		return errors.New("the file cannot be read")
	}
	defer f.Close()
	n, err := to.ReadFrom(f)
	switch {
	case err == nil:
		s.meter.TFTP("ok", n)
		log.Info("TFTP file sent", "bytes", n)
		s.files.Sent(c, name)
	case n == 0:
		// Firmware asks for the size first and breaks off (RFC 2349).
		log.Debug("TFTP request broken off before the first block", "err", err)
	default:
		s.meter.TFTP("error", n)
		log.Warn("TFTP transfer broken off", "bytes", n, "err", err)
	}
	return err
}
