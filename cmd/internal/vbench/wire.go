package vbench

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os/exec"
	"runtime"
	"sync"
	"syscall"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// Bridge is the interface on the wire that the controller serves.
const Bridge = "bench0"

// Address is the controller's on the wire.
var Address = netip.MustParsePrefix("10.77.0.1/24")

// ErrClosed is returned for anything asked of a wire that was closed.
var ErrClosed = errors.New("the wire is closed")

// Wire is the network of a bench: a network namespace with a bridge, in which
// the processes of the bench are started. It needs root.
type Wire struct {
	work chan func()
	stop chan struct{}
	done chan struct{}

	mu    sync.Mutex
	live  map[*Process]struct{}
	taps  int
	hosts int
	once  sync.Once
}

// NewWire makes the network.
func NewWire() (*Wire, error) {
	w := &Wire{
		work: make(chan func()),
		stop: make(chan struct{}),
		done: make(chan struct{}),
		live: map[*Process]struct{}{},
	}
	ready := make(chan error, 1)
	go w.run(ready)
	if err := <-ready; err != nil {
		return nil, fmt.Errorf("make the bench's network: %w", err)
	}
	return w, nil
}

// run holds the one thread that is in the namespace. The goroutine ends while it
// is locked to the thread, so the thread ends with it: that takes the namespace
// away, and sends the death signal to whatever was started from the thread.
func (w *Wire) run(ready chan<- error) {
	defer close(w.done)
	runtime.LockOSThread()
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		ready <- fmt.Errorf("new network namespace (are you root?): %w", err)
		return
	}
	if err := layBridge(); err != nil {
		ready <- err
		return
	}
	ready <- nil
	for {
		select {
		case f := <-w.work:
			f()
		case <-w.stop:
			return
		}
	}
}

func layBridge() error {
	lo, err := netlink.LinkByName("lo")
	if err != nil {
		return fmt.Errorf("find lo: %w", err)
	}
	if err := netlink.LinkSetUp(lo); err != nil {
		return fmt.Errorf("set lo up: %w", err)
	}
	bridge := &netlink.Bridge{LinkAttrs: netlink.LinkAttrs{Name: Bridge}}
	if err := netlink.LinkAdd(bridge); err != nil {
		return fmt.Errorf("add bridge %s: %w", Bridge, err)
	}
	addr := &netlink.Addr{IPNet: &net.IPNet{
		IP: Address.Addr().AsSlice(), Mask: net.CIDRMask(Address.Bits(), 32),
	}}
	if err := netlink.AddrAdd(bridge, addr); err != nil {
		return fmt.Errorf("address %s on %s: %w", Address, Bridge, err)
	}
	if err := netlink.LinkSetUp(bridge); err != nil {
		return fmt.Errorf("set %s up: %w", Bridge, err)
	}
	return nil
}

// Do runs f on a thread that is in the wire's namespace. One at a time.
func (w *Wire) Do(f func() error) error {
	result := make(chan error, 1)
	select {
	case w.work <- func() { result <- f() }:
		return <-result
	case <-w.done:
		return ErrClosed
	}
}

// Tap adds a network port for one machine to the bridge and returns its name.
func (w *Wire) Tap() (string, error) {
	w.mu.Lock()
	w.taps++
	name := fmt.Sprintf("tap%d", w.taps)
	w.mu.Unlock()
	err := w.Do(func() error {
		bridge, err := netlink.LinkByName(Bridge)
		if err != nil {
			return err
		}
		tap := &netlink.Tuntap{
			LinkAttrs: netlink.LinkAttrs{Name: name, MasterIndex: bridge.Attrs().Index},
			Mode:      netlink.TUNTAP_MODE_TAP,
		}
		if err := netlink.LinkAdd(tap); err != nil {
			return err
		}
		// The master given above is not applied to a tap by the kernel.
		if err := netlink.LinkSetMaster(tap, bridge); err != nil {
			return err
		}
		return netlink.LinkSetUp(tap)
	})
	if err != nil {
		return "", fmt.Errorf("add %s to the bench's network: %w", name, err)
	}
	return name, nil
}

// Dial connects to an address on the wire. It fits http.Transport's DialContext;
// the address must be numeric.
func (w *Wire) Dial(ctx context.Context, network, addr string) (net.Conn, error) {
	var conn net.Conn
	err := w.Do(func() (err error) {
		conn, err = (&net.Dialer{}).DialContext(ctx, network, addr)
		return err
	})
	return conn, err
}

// Start starts a command on the wire. The process is killed when the wire is
// closed, and when this program ends.
func (w *Wire) Start(cmd *exec.Cmd) (*Process, error) { return w.start(cmd, cmd.Start) }

// start has run, which starts cmd, called on the wire's thread.
func (w *Wire) start(cmd *exec.Cmd, run func() error) (*Process, error) {
	// A group of its own keeps the terminal's Ctrl-C from it: what happens
	// then is for the program that runs the bench to decide.
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	if err := w.Do(run); err != nil {
		return nil, fmt.Errorf("start %s: %w", cmd.Path, err)
	}
	p := &Process{cmd: cmd, done: make(chan struct{})}
	w.mu.Lock()
	w.live[p] = struct{}{}
	w.mu.Unlock()
	go func() {
		p.err = cmd.Wait()
		w.mu.Lock()
		delete(w.live, p)
		w.mu.Unlock()
		close(p.done)
	}()
	return p, nil
}

// Close kills what runs on the wire and takes the network away.
func (w *Wire) Close() error {
	w.once.Do(func() {
		w.mu.Lock()
		var live []*Process
		for p := range w.live {
			live = append(live, p)
		}
		w.mu.Unlock()
		for _, p := range live {
			p.Kill()
		}
		close(w.stop)
		<-w.done
	})
	return nil
}
