//go:build bench

package install

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/vishvananda/netlink"

	"regain.example/cmd/internal/vbench"
	"regain.example/images/catalogue"
)

// serveDir names, in the environment, the directory that this program serves
// instead of running benchmarks: the server's processor time is its own.
const serveDir = "REGAIN_BENCH_SERVE"

const (
	serverAddr = "10.78.0.1"
	clientAddr = "10.78.0.2"
	port       = "8000"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(serveDir); dir != "" {
		fmt.Fprintln(os.Stderr, serve(dir))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// serve serves a catalogue as the appliance does.
func serve(dir string) error {
	key, err := catalogue.SigningKey(dir + "/key")
	if err != nil {
		return err
	}
	c, err := catalogue.Open(dir, key)
	if err != nil {
		return err
	}
	return http.ListenAndServe(":"+port, c.Handler())
}

// link is two network namespaces with a cable between them: the server's, and
// the machines'.
type link struct{ server, machines *vbench.Wire }

func newLink(b *testing.B) *link {
	b.Helper()
	l := &link{newWire(b), newWire(b)}
	if err := l.connect(); err != nil {
		b.Fatal("lay the cable: ", err)
	}
	return l
}

func newWire(b *testing.B) *vbench.Wire {
	b.Helper()
	w, err := vbench.NewWire()
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { w.Close() })
	return w
}

func (l *link) connect() error {
	far := make(chan *os.File, 1)
	err := l.machines.Do(func() error {
		f, err := os.Open("/proc/thread-self/ns/net")
		far <- f
		return err
	})
	if err != nil {
		return err
	}
	ns := <-far
	defer ns.Close()
	err = l.server.Do(func() error {
		cable := &netlink.Veth{LinkAttrs: netlink.LinkAttrs{Name: "cable"}, PeerName: "cable", PeerNamespace: netlink.NsFd(int(ns.Fd()))}
		if err := netlink.LinkAdd(cable); err != nil {
			return err
		}
		return up("cable", serverAddr)
	})
	if err != nil {
		return err
	}
	return l.machines.Do(func() error { return up("cable", clientAddr) })
}

func up(name, addr string) error {
	dev, err := netlink.LinkByName(name)
	if err != nil {
		return err
	}
	ip := &netlink.Addr{IPNet: &net.IPNet{IP: net.ParseIP(addr), Mask: net.CIDRMask(24, 32)}}
	if err := netlink.AddrAdd(dev, ip); err != nil {
		return err
	}
	return netlink.LinkSetUp(dev)
}

// pace holds what the server sends to a speed in Mbit/s.
func (l *link) pace(b *testing.B, mbit int) {
	b.Helper()
	run(b, l.server, exec.Command("tc", "qdisc", "add", "dev", "cable", "root", "tbf",
		"rate", fmt.Sprintf("%dmbit", mbit), "burst", "256kb", "latency", "20ms"))
}

// run runs a command on a wire to its end.
func run(b *testing.B, w *vbench.Wire, cmd *exec.Cmd) {
	b.Helper()
	cmd.Stderr = os.Stderr
	p, err := w.Start(cmd)
	if err != nil {
		b.Fatal(err)
	}
	if err := p.Wait(context.Background()); err != nil {
		b.Fatalf("%v: %v", cmd.Args, err)
	}
}

// serve starts the server for an image and returns where the machines find it.
func (l *link) serve(b *testing.B, m *master) string {
	b.Helper()
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), serveDir+"="+m.dir)
	cmd.Stderr = os.Stderr
	p, err := l.server.Start(cmd)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(p.Kill)
	for range 100 {
		c, err := l.machines.Dial(b.Context(), "tcp", serverAddr+":"+port)
		if err == nil {
			c.Close()
			return "http://" + serverAddr + ":" + port + "/"
		}
		time.Sleep(50 * time.Millisecond)
	}
	b.Fatal("the server does not answer")
	return ""
}
