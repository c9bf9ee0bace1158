package tftp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"

	"regain.example/boot"
)

// transfer is one file on its way to one client.
type transfer struct {
	server  *Server
	socket  *socket
	machine boot.Client
	log     *slog.Logger
}

// run answers one request and reports how it went.
func (t *transfer) run(ctx context.Context, r request) {
	s := t.server
	f, err := s.files.Open(ctx, t.machine, r.name)
	if errors.Is(err, fs.ErrNotExist) {
		s.meter.TFTP("refused", 0)
		t.refuse(codeNotFound, "no such file")
		t.log.Info("TFTP request for a file that is not served")
		return
	}
	if err != nil {
		s.meter.TFTP("error", 0)
		t.refuse(codeUndefined, "the file cannot be read")
		t.log.Error("TFTP file not opened", "err", err)
		return
	}
	defer f.Close()
	n, err := t.send(ctx, r, f)
	switch {
	case err == nil:
		s.meter.TFTP("ok", n)
		t.log.Info("TFTP file sent", "bytes", n)
		s.files.Sent(t.machine, r.name)
	case errors.Is(err, errAborted) && n == 0:
		// Firmware asks for the size first, and breaks off.
		t.log.Debug("TFTP request for a file's size", "err", err)
	default:
		s.meter.TFTP("error", n)
		t.log.Warn("TFTP transfer broken off", "bytes", n, "err", err)
	}
}

// send returns how many bytes were acknowledged.
func (t *transfer) send(ctx context.Context, r request, f io.ReadSeeker) (int64, error) {
	size, err := f.Seek(0, io.SeekEnd)
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		t.refuse(codeUndefined, "the file cannot be read")
		return 0, fmt.Errorf("size of the file: %w", err)
	}
	if oack := r.acknowledgement(size); oack != nil {
		if err := t.socket.exchange(ctx, oack, 0, r.retry); err != nil {
			return 0, err
		}
	}
	return t.blocks(ctx, r, f)
}

// blocks sends the content. The last block is shorter than the others, and empty
// if need be. Block numbers wrap to 0 after 65,535: RFC 1350 says nothing of
// larger files, and all clients expect that.
func (t *transfer) blocks(ctx context.Context, r request, f io.Reader) (sent int64, err error) {
	packet := make([]byte, 4+r.block)
	packet[1] = opData
	for block := uint16(1); ; block++ {
		n, err := io.ReadFull(f, packet[4:])
		if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
			t.refuse(codeUndefined, "the file cannot be read")
			return sent, fmt.Errorf("read: %w", err)
		}
		packet[2], packet[3] = byte(block>>8), byte(block)
		if err := t.socket.exchange(ctx, packet[:4+n], block, r.retry); err != nil {
			return sent, err
		}
		sent += int64(n)
		if n < r.block {
			return sent, nil
		}
	}
}

func (t *transfer) refuse(code byte, message string) {
	if err := t.socket.refuse(code, message); err != nil {
		t.log.Debug("TFTP error not sent", "err", err)
	}
}
