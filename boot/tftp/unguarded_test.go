//go:build !race

package tftp

import (
	"fmt"
	"net"
	"os"
	"sync/atomic"
	"testing"
	"time"
)

// unguarded is a stammerer as the library would meet it without guard.
type unguarded struct {
	stammerer
	net.PacketConn // for what the library does not call
	asked          bool
	ended          atomic.Bool
}

func (u *unguarded) WriteTo(p []byte, _ net.Addr) (int, error) { return len(p), u.send(p) }

func (u *unguarded) ReadFrom(b []byte) (int, net.Addr, error) {
	from := net.UDPAddrFromAddrPort(peer)
	if !u.asked {
		u.asked = true
		return copy(b, request{name: "x"}.packet()), from, nil
	}
	if u.ended.Load() {
		return 0, nil, os.ErrDeadlineExceeded
	}
	n, _ := u.receive(b, 0)
	return n, from, nil
}

func (u *unguarded) SetReadDeadline(time.Time) error { u.ended.Store(true); return nil }
func (u *unguarded) LocalAddr() net.Addr             { return &net.UDPAddr{IP: net.IPv4zero} }
func (u *unguarded) Close() error                    { return nil }

// TestGuardIsNeeded shows the library's panic over repeated acknowledgements when
// no guard stands before it. The race detector would find the library's race
// first, so this runs without it.
func TestGuardIsNeeded(t *testing.T) {
	var panicked any
	for end := time.Now().Add(20 * time.Second); panicked == nil && time.Now().Before(end); {
		panicked = library(&unguarded{}, []byte("short"))
	}
	if got := fmt.Sprint(panicked); got != "send on closed channel" {
		t.Errorf("without the guard: %s; is it still needed?", got)
	}
}
