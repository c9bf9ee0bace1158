package appliance

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
	"golang.org/x/sys/unix"
)

const (
	benchInterface = "bench0"
	benchAddress   = "10.77.0.1/24"
)

// inNamespace moves the process into a network namespace of its own before any
// other thread can open a socket, and makes the bench there: one end of a veth
// pair. It ends with the process.
func inNamespace(m *testing.M) int {
	if os.Getenv("REGAIN_IN_NAMESPACE") == "" {
		return again()
	}
	if err := makeBench(); err != nil {
		fmt.Fprintln(os.Stderr, "make a bench interface:", err)
		return 1
	}
	return m.Run()
}

// again executes the test binary in a new namespace: a thread that unshares is the
// only one of a Go process that moves, unless it is the one that executes.
func again() int {
	runtime.LockOSThread()
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		fmt.Fprintln(os.Stderr, "these tests need root, for a network namespace of their own:", err)
		return 1
	}
	self, err := os.Executable()
	if err == nil {
		err = unix.Exec(self, os.Args, append(os.Environ(), "REGAIN_IN_NAMESPACE=1"))
	}
	fmt.Fprintln(os.Stderr, "execute the tests again:", err)
	return 1
}

// benches is the network namespace of the machines, set once by makeBench.
var benches netns.NsHandle

// makeBench joins this namespace and one for the machines by a veth pair.
func makeBench() (err error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	here, err := netns.Get()
	if err != nil {
		return err
	}
	if benches, err = netns.New(); err != nil { // moves this thread
		return err
	}
	if err := netns.Set(here); err != nil {
		return err
	}
	pair := &netlink.Veth{
		LinkAttrs: netlink.LinkAttrs{Name: benchInterface},
		PeerName:  "machines0", PeerNamespace: netlink.NsFd(benches),
	}
	if err := netlink.LinkAdd(pair); err != nil {
		return err
	}
	there, err := netlink.NewHandleAt(benches)
	if err != nil {
		return err
	}
	defer there.Close()
	local, err := netlink.NewHandle()
	if err != nil {
		return err
	}
	defer local.Close()
	return errors.Join(up(local, "lo", "127.0.0.1/8"), up(local, benchInterface, benchAddress), up(there, "machines0", "10.77.0.2/24"))
}

func up(h *netlink.Handle, name, address string) error {
	link, err := h.LinkByName(name)
	if err != nil {
		return err
	}
	addr, err := netlink.ParseAddr(address)
	if err != nil {
		return err
	}
	if err := h.AddrReplace(link, addr); err != nil {
		return fmt.Errorf("give %s the address %s: %w", name, address, err)
	}
	return h.LinkSetUp(link)
}

// fromBench dials from the machines' side of the bench.
func fromBench(ctx context.Context, network, address string) (net.Conn, error) {
	runtime.LockOSThread()
	here, err := netns.Get()
	if err != nil {
		return nil, err
	}
	defer here.Close()
	if err := netns.Set(benches); err != nil {
		return nil, err
	}
	conn, err := (&net.Dialer{Timeout: 2 * time.Second}).DialContext(ctx, network, address)
	if back := netns.Set(here); back != nil {
		return nil, back // the thread stays locked, and dies with its goroutine
	}
	runtime.UnlockOSThread()
	return conn, err
}
