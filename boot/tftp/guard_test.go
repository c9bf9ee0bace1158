package tftp

import (
	"bytes"
	"io"
	"math"
	"net"
	"sync"
	"testing"
	"time"

	tftplib "github.com/pin/tftp/v3"
)

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

func (s *stammerer) receive(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.head[1] == 0 {
		return 0, nil
	}
	return copy(b, s.head[:]), nil
}

var peer = &net.UDPAddr{IP: net.IPv4(10, 77, 0, 50), Port: 2070}

// serveOn runs the library for one transfer of content on c, and returns what it
// panicked with.
func serveOn(c net.PacketConn, content []byte) (panicked any) {
	defer func() { panicked = recover() }()
	var lib *tftplib.Server
	lib = tftplib.NewServer(func(_ string, to io.ReaderFrom) error {
		defer lib.Shutdown()
		_, err := to.ReadFrom(bytes.NewReader(content))
		return err
	}, nil)
	lib.EnableSinglePort()
	lib.SetTimeout(retryTime)
	lib.SetRetries(math.MaxInt)
	lib.SetBackoff(func(int) time.Duration { return 0 })
	if err := lib.Serve(c); err != nil {
		return err
	}
	return nil
}

// TestStammerer has each acknowledgement repeated without end. Without the guard
// the library panics: TestGuardIsNeeded.
func TestStammerer(t *testing.T) {
	for range 2000 {
		s := &stammerer{}
		if p := serveOn(newGuard(t.Context(), s, peer, request{name: "x"}.packet()), make([]byte, 512*3)); p != nil {
			t.Fatal(p)
		}
		if s.data != 4 {
			t.Fatalf("%d blocks were sent, want 4", s.data)
		}
	}
}
