package solicit

import (
	"context"
	"errors"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"golang.org/x/net/ipv6"

	"regain.example/boot/bind"
	"regain.example/boot/internal/benchnet"
	"regain.example/boot/internal/boottest"
)

func TestMain(m *testing.M) { os.Exit(benchnet.Main(m)) }

// TestAnswerOffersNothing sends RFC 4861 section 4.1's message from the far end.
func TestAnswerOffersNothing(t *testing.T) {
	n := benchnet.New(t)
	c, err := Listen(benchnet.Bench)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- c.Serve(ctx, boottest.Log(t)) }()
	defer func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}()
	for _, test := range []struct {
		name     string
		at       func(func())
		hopLimit int
		answered bool
	}{
		{"other interface", n.AtOther, 255, false},
		{"from beyond a router", n.AtBench, 64, false},
		{"bench", n.AtBench, 255, true}, // and the network works
	} {
		var got []byte
		test.at(func() { got = ask(t, test.hopLimit) })
		if (got != nil) != test.answered {
			t.Errorf("%s: answer %x", test.name, got)
		}
		if got != nil && (len(got) != 16 || got[5] != 0 || got[6] != 0 || got[7] != 0) {
			t.Errorf("%s: the answer offers something: %x", test.name, got)
		}
	}
}

func ask(t *testing.T, hopLimit int) []byte {
	t.Helper()
	raw, err := bind.ICMPv6(benchnet.Far)
	if err != nil {
		t.Error(err)
		return nil
	}
	defer raw.Close()
	dev, err := net.InterfaceByName(benchnet.Far)
	if err != nil {
		t.Error(err)
		return nil
	}
	conn := ipv6.NewPacketConn(raw)
	var filter ipv6.ICMPFilter
	filter.SetAll(true)
	filter.Accept(ipv6.ICMPTypeRouterAdvertisement)
	if err := errors.Join(conn.SetICMPFilter(&filter), conn.SetMulticastInterface(dev), conn.SetMulticastHopLimit(hopLimit)); err != nil {
		t.Error(err)
		return nil
	}
	buf := make([]byte, 1500)
	// Duplicate address detection delays the link-local addresses by a second
	// or two, so ask a few times.
	for range 8 {
		_, err := conn.WriteTo([]byte{133, 0, 0, 0, 0, 0, 0, 0}, nil, &net.IPAddr{IP: net.IPv6linklocalallrouters})
		if err != nil && !errors.Is(err, syscall.EADDRNOTAVAIL) {
			t.Error(err)
			return nil
		}
		conn.SetReadDeadline(time.Now().Add(500 * time.Millisecond))
		if size, _, _, err := conn.ReadFrom(buf); err == nil {
			return buf[:size]
		}
	}
	return nil
}

// FuzzSolicitation takes nothing for a solicitation that is not one by RFC 4861
// section 4.1: type 133, code 0, 8 bytes or more.
func FuzzSolicitation(f *testing.F) {
	f.Add([]byte{133, 0, 0, 0, 0, 0, 0, 0})
	f.Add([]byte{133, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0x52, 0x54, 0, 0, 0, 7})
	f.Add([]byte{134, 0, 64, 0, 0, 0, 0, 0})
	f.Add([]byte{133})
	f.Fuzz(func(t *testing.T, b []byte) {
		if want := len(b) > 7 && b[0] == 133 && b[1] == 0; isSolicitation(b) != want {
			t.Errorf("%x: %t", b, !want)
		}
	})
}
