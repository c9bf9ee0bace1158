package tftp

import (
	"bytes"
	"context"
	"io"
	"io/fs"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"

	tftplib "github.com/pin/tftp/v3"

	"regain.example/boot"
	"regain.example/boot/internal/boottest"
)

// one is Files with one file, "x", and remembers what became of it.
type one struct {
	content []byte

	mu     sync.Mutex
	sent   int
	broken error
}

func (o *one) Open(_ context.Context, _ boot.Client, name string) (io.ReadSeekCloser, error) {
	if name != "x" {
		return nil, fs.ErrNotExist
	}
	return content{bytes.NewReader(o.content)}, nil
}

func (o *one) Sent(boot.Client, string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.sent++
}

func (o *one) Broken(_ boot.Client, _ string, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.broken = err
}

var peer = netip.MustParseAddrPort("10.77.0.50:2070")

// serveOn runs one transfer of content as the server does, on w instead of a
// socket. It panics with what the library panics with.
func serveOn(t testing.TB, ctx context.Context, w wire, r request, content []byte) *one {
	t.Helper()
	files := &one{content: content}
	s := New(nil, files, boottest.Machines{}, &boottest.Recorder{}, boottest.Log(t))
	if err := s.run(ctx, peer, boot.Client{}, r, w); err != nil {
		t.Error(err)
	}
	return files
}

// stammerer is a client that acknowledges every block without end, until the
// next one comes.
type stammerer struct {
	mu   sync.Mutex
	head [4]byte
	data int
}

func (s *stammerer) send(p []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p[1] == opData {
		s.head = [4]byte{0, opAck, p[2], p[3]}
		s.data++
	}
	return nil
}

func (s *stammerer) receive(b []byte, _ time.Duration) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.head[1] == 0 {
		return 0, nil
	}
	return copy(b, s.head[:]), nil
}

// TestStammerer has each acknowledgement repeated without end. Without the guard
// the library panics: TestGuardIsNeeded.
func TestStammerer(t *testing.T) {
	for range 2000 {
		s := &stammerer{}
		files := serveOn(t, t.Context(), s, request{name: "x"}, make([]byte, 512*3))
		if s.data != 4 || files.sent != 1 {
			t.Fatalf("%d blocks were sent, want 4; the file arrived %d times", s.data, files.sent)
		}
	}
}

// library runs pin/tftp for one transfer of content on c, with nothing of ours
// between, and returns what it panicked with.
func library(c net.PacketConn, content []byte) (panicked any) {
	defer func() { panicked = recover() }()
	var lib *tftplib.Server
	lib = tftplib.NewServer(func(_ string, to io.ReaderFrom) error {
		defer lib.Shutdown()
		_, err := to.ReadFrom(bytes.NewReader(content))
		return err
	}, nil)
	lib.EnableSinglePort()
	if err := lib.Serve(c); err != nil {
		return err
	}
	return nil
}
