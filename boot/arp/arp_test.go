package arp

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/mdlayher/packet"
	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"regain.example/boot/internal/benchnet"
)

func TestMain(m *testing.M) { os.Exit(benchnet.Main(m)) }

func ip(s string) netip.Addr { return netip.MustParseAddr(s) }

func stranger() net.HardwareAddr { return net.HardwareAddr{0x52, 0x54, 0, 0, 0, 9} }

// serve starts a prober on the bench interface.
func serve(t *testing.T) *Prober {
	t.Helper()
	p, err := Listen(benchnet.Bench)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- p.Serve(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return p
}

// TestHolder asks a real kernel, which answers for its own addresses.
func TestHolder(t *testing.T) {
	n := benchnet.New(t)
	n.Address(netip.MustParsePrefix("10.77.0.50/24"))
	p := serve(t)
	holder, err := p.Holder(t.Context(), ip("10.77.0.50"), stranger())
	if err != nil || len(holder) != 6 {
		t.Fatalf("an address in use: %s, %v", holder, err)
	}
	if again, err := p.Holder(t.Context(), ip("10.77.0.50"), holder); err != nil || again != nil {
		t.Errorf("the machine that asks is its own rival: %s, %v", again, err)
	}
	if free, err := p.Holder(t.Context(), ip("10.77.0.51"), stranger()); err != nil || free != nil {
		t.Errorf("an address that nobody has: %s, %v", free, err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Holder(ended, ip("10.77.0.51"), stranger()); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled probe says that the address is free: %v", err)
	}
}

// TestMachinesDoNotWaitForOneAnother: forty probes take as long as one.
func TestMachinesDoNotWaitForOneAnother(t *testing.T) {
	benchnet.New(t)
	p := serve(t)
	began := time.Now()
	var all sync.WaitGroup
	for i := range byte(40) {
		all.Go(func() {
			if used, err := p.Holder(t.Context(), netip.AddrFrom4([4]byte{10, 77, 0, 100 + i}), stranger()); used != nil || err != nil {
				t.Errorf("machine %d: %s, %v", i, used, err)
			}
		})
	}
	all.Wait()
	if took := time.Since(began); took > 4*probes*probeGap {
		t.Errorf("forty probes took %s", took)
	}
	if len(p.waiting) != 0 {
		t.Errorf("%d addresses are still waited for", len(p.waiting))
	}
}

// TestDeadInterfaceProvesNothing: an address is not free because nothing could be
// sent.
func TestDeadInterfaceProvesNothing(t *testing.T) {
	benchnet.New(t)
	p := serve(t)
	link, err := netlink.LinkByName(benchnet.Bench)
	if err != nil {
		t.Fatal(err)
	}
	if err := netlink.LinkSetDown(link); err != nil {
		t.Fatal(err)
	}
	if holder, err := p.Holder(t.Context(), ip("10.77.0.51"), stranger()); err == nil {
		t.Errorf("holder %s without an error", holder)
	}
}

// TestAnotherProbeCounts: two machines that probe for one address at the same time
// (RFC 5227 section 2.1.1) must not both get it.
func TestAnotherProbeCounts(t *testing.T) {
	n := benchnet.New(t)
	p := serve(t)
	n.AtBench(func() {
		dev, err := net.InterfaceByName(benchnet.Far)
		if err != nil {
			t.Fatal(err)
		}
		conn, err := packet.Listen(dev, packet.Datagram, unix.ETH_P_ARP, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		go func() {
			time.Sleep(probeGap / 2)
			conn.WriteTo(probe(dev.HardwareAddr, ip("10.77.0.60")), &packet.Addr{HardwareAddr: bytes.Repeat([]byte{0xff}, 6)})
		}()
		if holder, err := p.Holder(t.Context(), ip("10.77.0.60"), stranger()); err != nil || !bytes.Equal(holder, dev.HardwareAddr) {
			t.Errorf("got %s, %v", holder, err)
		}
	})
}

// The bytes are a request as tcpdump shows Linux's, and RFC 826's reply to it.
func TestParse(t *testing.T) {
	request := []byte{0, 1, 8, 0, 6, 4, 0, 1, 0x52, 0x54, 0, 0x12, 0x34, 0x56, 10, 77, 0, 50, 0, 0, 0, 0, 0, 0, 10, 77, 0, 1}
	m, err := parse(append(request, make([]byte, 18)...)) // padded to Ethernet's least length
	if err != nil || m.op != opRequest || m.mac.String() != "52:54:00:12:34:56" || m.sender != ip("10.77.0.50") || m.target != ip("10.77.0.1") {
		t.Errorf("got %+v, %v", m, err)
	}
	for name, spoil := range map[string]func([]byte) []byte{
		"short":     func(b []byte) []byte { return b[:27] },
		"hardware":  func(b []byte) []byte { b[1] = 6; return b },
		"protocol":  func(b []byte) []byte { b[2] = 0x86; return b },
		"lengths":   func(b []byte) []byte { b[5] = 16; return b },
		"no bytes":  func([]byte) []byte { return nil },
		"hw length": func(b []byte) []byte { b[4] = 8; return b },
	} {
		if m, err := parse(spoil(bytes.Clone(request))); !errors.Is(err, errPacket) {
			t.Errorf("%s: %+v, %v", name, m, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(probe(stranger(), ip("10.77.0.1")))
	f.Add([]byte{0, 1, 8, 0, 6, 4})
	f.Fuzz(func(t *testing.T, b []byte) {
		if m, err := parse(b); err == nil && (len(m.mac) != 6 || !m.sender.Is4() || !m.target.Is4()) {
			t.Errorf("%x: %+v", b, m)
		}
	})
}
