package bind

import (
	"errors"
	"net"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"regain.example/boot/internal/benchnet"
)

func TestMain(m *testing.M) { os.Exit(benchnet.Main(m)) }

func TestErrorsSayWhichSocketAndWhatToDo(t *testing.T) {
	benchnet.New(t)
	any69 := netip.MustParseAddrPort("0.0.0.0:69")
	first, err := UDP(benchnet.Bench, any69)
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	web, err := TCP(benchnet.Bench, netip.MustParseAddrPort("10.77.0.1:80"))
	if err != nil {
		t.Fatal(err)
	}
	defer web.Close()

	_, udpTaken := UDP(benchnet.Bench, any69)
	_, tcpTaken := TCP(benchnet.Bench, netip.MustParseAddrPort("10.77.0.1:80"))
	_, noInterface := UDP("bench9", any69)
	_, noAddress := TCP(benchnet.Bench, netip.MustParseAddrPort("10.99.0.1:80"))
	for _, test := range []struct {
		err   error
		cause error
		says  []string
	}{
		{udpTaken, unix.EADDRINUSE, []string{"udp port 69", benchnet.Bench, "ss -lunp 'sport = :69'"}},
		{tcpTaken, unix.EADDRINUSE, []string{"tcp port 80", "10.77.0.1", "ss -ltnp 'sport = :80'"}},
		{noInterface, unix.ENODEV, []string{"bench9", "no such interface", "ip -brief link"}},
		{noAddress, unix.EADDRNOTAVAIL, []string{"10.99.0.1", "ip address add"}},
		{&Error{Network: "udp", Err: unix.EPERM}, unix.EPERM, []string{"CAP_NET_BIND_SERVICE"}},
	} {
		if !errors.Is(test.err, test.cause) {
			t.Errorf("got %v, want %v", test.err, test.cause)
			continue
		}
		for _, word := range test.says {
			if !strings.Contains(test.err.Error(), word) {
				t.Errorf("%q does not say %q", test.err, word)
			}
		}
	}
}

// Linux takes a packet for any of its addresses on every interface. The socket
// must not.
func TestUDPHearsItsInterfaceOnly(t *testing.T) {
	n := benchnet.New(t)
	n.Address(netip.MustParsePrefix("10.77.0.2/24"))
	n.AddressOther(netip.MustParsePrefix("10.88.0.2/24"))
	conn, err := UDP(benchnet.Bench, netip.MustParseAddrPort("0.0.0.0:69"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	n.AtOther(func() { send(t, "10.88.0.1:69", "other") })
	n.AtBench(func() { send(t, "10.77.0.1:69", "bench") })
	for _, want := range []string{"bench", ""} {
		buf := make([]byte, 100)
		conn.SetReadDeadline(time.Now().Add(500 * time.Millisecond))
		size, _, _ := conn.ReadFromUDP(buf)
		if got := string(buf[:size]); got != want {
			t.Errorf("heard %q, want %q", got, want)
		}
	}
}

func send(t *testing.T, to, text string) {
	t.Helper()
	conn, err := net.Dial("udp4", to)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
}

func TestTCPAcceptsFromItsInterfaceOnly(t *testing.T) {
	n := benchnet.New(t)
	n.Address(netip.MustParsePrefix("10.77.0.2/24"))
	n.AddressOther(netip.MustParsePrefix("10.88.0.2/24"))
	l, err := TCP(benchnet.Bench, netip.MustParseAddrPort("0.0.0.0:80"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	dial := func(to string) error {
		c, err := net.DialTimeout("tcp4", to, 2*time.Second)
		if err == nil {
			c.Close()
		}
		return err
	}
	n.AtBench(func() {
		if err := dial("10.77.0.1:80"); err != nil {
			t.Error(err)
		}
	})
	n.AtOther(func() {
		if err := dial("10.88.0.1:80"); !errors.Is(err, unix.ECONNREFUSED) {
			t.Errorf("from another interface: %v", err)
		}
	})
}
