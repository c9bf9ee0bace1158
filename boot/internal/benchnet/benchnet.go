// Package benchnet gives tests a network: this process has two interfaces,
// Bench and Other, and at the far end of each sits a client in a namespace of
// its own. It needs root.
package benchnet

import (
	"net/netip"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
)

// The interfaces. Far is the name of both clients' own interface.
const (
	Bench = "bench0"
	Other = "other0"
	Far   = "eth0"
)

// BenchAddr and OtherAddr are this process's addresses.
func BenchAddr() netip.Prefix { return netip.MustParsePrefix("10.77.0.1/24") }

// OtherAddr is the address of the interface that must never be served.
func OtherAddr() netip.Prefix { return netip.MustParsePrefix("10.88.0.1/24") }

const inside = "REGAIN_BENCHNET"

// Main runs the tests in a new network namespace. A whole process is moved, not
// a thread: the servers open sockets from goroutines of their own. Without root
// the tests run where they are, and those that call New are skipped.
func Main(m *testing.M) int {
	if os.Getenv(inside) != "" || os.Geteuid() != 0 {
		return m.Run()
	}
	again := exec.Command("/proc/self/exe", os.Args[1:]...)
	again.Env = append(os.Environ(), inside+"=1")
	again.Stdin, again.Stdout, again.Stderr = os.Stdin, os.Stdout, os.Stderr
	again.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET, Pdeathsig: syscall.SIGKILL}
	if err := again.Run(); err != nil {
		return 1
	}
	return 0
}

// Net is the network of one test.
type Net struct {
	t            *testing.T
	bench, other netns.NsHandle
}

// New builds the network and removes it when the test ends. The clients' kernels
// ask for no router on their own account: the tests do.
func New(t *testing.T) *Net {
	t.Helper()
	if os.Getenv(inside) == "" {
		t.Skip("not run: this test needs root, for a network namespace")
	}
	n := &Net{t: t}
	n.bench = n.link(Bench, BenchAddr())
	n.other = n.link(Other, OtherAddr())
	return n
}

func (n *Net) link(name string, addr netip.Prefix) netns.NsHandle {
	n.t.Helper()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	home := must(netns.Get())(n.t)
	far := must(netns.New())(n.t) // and enters it
	quiet := os.WriteFile("/proc/sys/net/ipv6/conf/default/router_solicitations", []byte("0"), 0)
	check(n.t, netns.Set(home))
	check(n.t, quiet)
	n.t.Cleanup(func() { far.Close(); home.Close() })

	attrs := netlink.NewLinkAttrs()
	attrs.Name = name
	veth := netlink.NewVeth(attrs)
	veth.PeerName = name + "-far"
	check(n.t, netlink.LinkAdd(veth))
	n.t.Cleanup(func() { netlink.LinkDel(veth) })
	peer := must(netlink.LinkByName(veth.PeerName))(n.t)
	check(n.t, netlink.LinkSetNsFd(peer, int(far)))
	near := must(netlink.LinkByName(name))(n.t)
	check(n.t, netlink.AddrAdd(near, must(netlink.ParseAddr(addr.String()))(n.t)))
	check(n.t, netlink.LinkSetUp(near))

	there := must(netlink.NewHandleAt(far))(n.t)
	defer there.Close()
	peer = must(there.LinkByName(veth.PeerName))(n.t)
	check(n.t, there.LinkSetName(peer, Far))
	check(n.t, there.LinkSetUp(peer))
	n.awaitCarrier(there.LinkByName, Far)
	n.awaitCarrier(netlink.LinkByName, name)
	return far
}

// awaitCarrier waits until the kernel has noticed that the far end is up; until
// then it drops what is sent.
func (n *Net) awaitCarrier(find func(string) (netlink.Link, error), name string) {
	n.t.Helper()
	for range 500 {
		if must(find(name))(n.t).Attrs().OperState == netlink.OperUp {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	n.t.Fatalf("interface %s does not come up", name)
}

// AtBench runs f in the namespace of the client on Bench. Sockets that f itself
// opens belong there.
func (n *Net) AtBench(f func()) { n.in(n.bench, f) }

// AtOther runs f in the namespace of the client on Other.
func (n *Net) AtOther(f func()) { n.in(n.other, f) }

// Address gives the client on Bench an address.
func (n *Net) Address(p netip.Prefix) { n.address(n.bench, p) }

// AddressOther gives the client on Other an address.
func (n *Net) AddressOther(p netip.Prefix) { n.address(n.other, p) }

func (n *Net) address(where netns.NsHandle, p netip.Prefix) {
	n.t.Helper()
	there := must(netlink.NewHandleAt(where))(n.t)
	defer there.Close()
	link := must(there.LinkByName(Far))(n.t)
	check(n.t, there.AddrAdd(link, must(netlink.ParseAddr(p.String()))(n.t)))
}

func (n *Net) in(where netns.NsHandle, f func()) {
	n.t.Helper()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	home := must(netns.Get())(n.t)
	defer home.Close()
	check(n.t, netns.Set(where))
	defer func() { check(n.t, netns.Set(home)) }()
	f()
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		check(t, err)
		return v
	}
}
