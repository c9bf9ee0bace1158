//go:build !race

package tftp

import (
	"fmt"
	"net"
	"os"
	"testing"
	"time"
)

// unguarded is a stammerer as the library would meet it without guard.
type unguarded struct {
	stammerer
	*guard // for what is left
	asked  bool
}

func (u *unguarded) WriteTo(p []byte, _ net.Addr) (int, error) { return len(p), u.send(p) }

func (u *unguarded) ReadFrom(b []byte) (int, net.Addr, error) {
	if !u.asked {
		u.asked = true
		return copy(b, u.guard.request), u.guard.peer, nil
	}
	u.guard.mu.Lock()
	defer u.guard.mu.Unlock()
	if u.guard.ended {
		return 0, nil, os.ErrDeadlineExceeded
	}
	n, _ := u.receive(b)
	return n, u.guard.peer, nil
}

// TestGuardIsNeeded shows the library's panic over repeated acknowledgements when
// no guard stands before it. The race detector would find the library's race
// first, so this runs without it.
func TestGuardIsNeeded(t *testing.T) {
	var panicked any
	for end := time.Now().Add(20 * time.Second); panicked == nil && time.Now().Before(end); {
		u := &unguarded{guard: newGuard(t.Context(), nil, peer, request{name: "x"}.packet())}
		panicked = serveOn(u, []byte("short"))
	}
	if got := fmt.Sprint(panicked); got != "send on closed channel" {
		t.Errorf("without the guard: %s; is it still needed?", got)
	}
}
