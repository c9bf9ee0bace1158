package network

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"
	"github.com/insomniacslk/dhcp/dhcpv4/server4"
	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// wire makes a network namespace of this test's own with two ends of a cable,
// "nic" and "far", and returns the address of nic. The thread is given up with
// the namespace when the test ends.
func wire(t *testing.T) (mac string) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root: a network namespace is made")
	}
	runtime.LockOSThread()
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		t.Fatal(err)
	}
	attrs := netlink.NewLinkAttrs()
	attrs.Name = "nic"
	if err := netlink.LinkAdd(&netlink.Veth{LinkAttrs: attrs, PeerName: "far"}); err != nil {
		t.Fatal(err)
	}
	nic, err := netlink.LinkByName("nic")
	if err != nil {
		t.Fatal(err)
	}
	return nic.Attrs().HardwareAddr.String()
}

// serve answers DHCP on far with 192.0.2.10.
func serve(t *testing.T, lease time.Duration) {
	t.Helper()
	far, err := netlink.LinkByName("far")
	if err != nil {
		t.Fatal(err)
	}
	own := net.IPv4(192, 0, 2, 1)
	addr := &netlink.Addr{IPNet: &net.IPNet{IP: own, Mask: net.CIDRMask(24, 32)}}
	if err := errors.Join(netlink.AddrAdd(far, addr), netlink.LinkSetUp(far)); err != nil {
		t.Fatal(err)
	}
	answer := func(conn net.PacketConn, peer net.Addr, m *dhcpv4.DHCPv4) {
		kind := dhcpv4.MessageTypeOffer
		if m.MessageType() == dhcpv4.MessageTypeRequest {
			kind = dhcpv4.MessageTypeAck
		}
		reply, err := dhcpv4.NewReplyFromRequest(m, dhcpv4.WithMessageType(kind), dhcpv4.WithServerIP(own),
			dhcpv4.WithYourIP(net.IPv4(192, 0, 2, 10)), dhcpv4.WithNetmask(net.CIDRMask(24, 32)),
			dhcpv4.WithOption(dhcpv4.OptServerIdentifier(own)), dhcpv4.WithRouter(own),
			dhcpv4.WithLeaseTime(uint32(lease.Seconds())))
		if err == nil {
			_, err = conn.WriteTo(reply.ToBytes(), &net.UDPAddr{IP: net.IPv4bcast, Port: dhcpv4.ClientPort})
		}
		if err != nil {
			t.Errorf("answer: %v", err)
		}
	}
	server, err := server4.NewServer("far", &net.UDPAddr{Port: dhcpv4.ServerPort}, answer)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { defer close(done); _ = server.Serve() }()
	t.Cleanup(func() { server.Close(); <-done })
}

func addresses(t *testing.T) []string {
	t.Helper()
	nic, err := netlink.LinkByName("nic")
	if err != nil {
		t.Fatal(err)
	}
	addrs, err := netlink.AddrList(nic, netlink.FAMILY_V4)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, a := range addrs {
		out = append(out, a.IPNet.String())
	}
	return out
}

// settled says that no more adapters will turn up.
func settled() <-chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}

func TestUp(t *testing.T) {
	mac := wire(t)
	serve(t, time.Hour)
	n := New(mac, slog.New(slog.DiscardHandler))
	lease, err := n.Up(t.Context(), settled(), func(err error) { t.Log(err) })
	if err != nil {
		t.Fatal(err)
	}
	if got := addresses(t); len(got) != 1 || got[0] != "192.0.2.10/24" || n.Interface != "nic" {
		t.Errorf("addresses %v on %q", got, n.Interface)
	}
	routes, err := netlink.RouteGet(net.IPv4(198, 51, 100, 1))
	if err != nil || len(routes) != 1 || !routes[0].Gw.Equal(net.IPv4(192, 0, 2, 1)) {
		t.Errorf("routes %v, %v", routes, err)
	}

	// An address left over from an earlier lease goes, the present one stays.
	nic, err := netlink.LinkByName("nic")
	if err != nil {
		t.Fatal(err)
	}
	old := &netlink.Addr{IPNet: &net.IPNet{IP: net.IPv4(192, 0, 2, 77), Mask: net.CIDRMask(24, 32)}}
	if err := netlink.AddrAdd(nic, old); err != nil {
		t.Fatal(err)
	}
	if _, err := n.renew(t.Context(), lease); err != nil {
		t.Fatal(err)
	}
	if got := addresses(t); len(got) != 1 || got[0] != "192.0.2.10/24" {
		t.Errorf("addresses after the renewal: %v", got)
	}
}

// What a person is told when the network is missing.
func TestTrouble(t *testing.T) {
	for _, test := range []struct {
		name    string
		prepare func(t *testing.T)
		want    error
	}{
		{"no adapter", func(t *testing.T) {
			nic, err := netlink.LinkByName("nic")
			if err == nil {
				err = netlink.LinkDel(nic)
			}
			if err != nil {
				t.Fatal(err)
			}
		}, ErrNoInterface},
		{"no cable", func(t *testing.T) {
			far, err := netlink.LinkByName("far")
			if err == nil {
				err = netlink.LinkSetDown(far)
			}
			if err != nil {
				t.Fatal(err)
			}
		}, ErrNoCarrier},
	} {
		t.Run(test.name, func(t *testing.T) {
			mac := wire(t)
			test.prepare(t)
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			var told error
			_, err := New(mac, slog.New(slog.DiscardHandler)).Up(ctx, settled(), func(err error) { told = err; cancel() })
			if !errors.Is(err, context.Canceled) || !errors.Is(told, test.want) {
				t.Errorf("told %v, want %v; Up: %v", told, test.want, err)
			}
		})
	}
}

// TestWaitsForTheBootInterface: an adapter that the machine was not booted through
// may lead to another network. It is taken when it is certain that the right one
// has no driver, not before.
func TestWaitsForTheBootInterface(t *testing.T) {
	wire(t)
	serve(t, time.Hour)
	later := make(chan struct{})
	told := 0
	tell := func(err error) {
		if len(addresses(t)) > 0 || !errors.Is(err, ErrNoInterface) {
			t.Errorf("addresses %v before it has settled (%v)", addresses(t), err)
		}
		if told++; told == 2 {
			close(later)
		}
	}
	n := New("02:00:00:00:00:99", slog.New(slog.DiscardHandler))
	if _, err := n.Up(t.Context(), later, tell); err != nil {
		t.Fatal(err)
	}
	if got := addresses(t); told < 2 || len(got) != 1 || got[0] != "192.0.2.10/24" {
		t.Errorf("addresses %v, told %d times", got, told)
	}
}

// TestCarrierOfMany: one adapter without a cable does not hold up the others.
func TestCarrierOfMany(t *testing.T) {
	wire(t)
	for _, name := range []string{"spare0", "spare1", "spare2"} {
		attrs := netlink.NewLinkAttrs()
		attrs.Name = name
		if err := netlink.LinkAdd(&netlink.Veth{LinkAttrs: attrs, PeerName: name + "far"}); err != nil {
			t.Fatal(err)
		}
	}
	serve(t, time.Hour)
	links, err := candidates("", true)
	if err != nil {
		t.Fatal(err)
	}
	far, err := netlink.LinkByName("spare2far")
	if err == nil {
		err = netlink.LinkSetDown(far)
	}
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	up := withCarrier(t.Context(), links, 6*time.Second)
	if took := time.Since(began); len(up) == 0 || took > 3*time.Second {
		t.Errorf("%d of %d have a carrier, told after %v", len(up), len(links), took)
	}
	for _, link := range up {
		if link.Attrs().Name == "spare2" {
			t.Error("one without a cable has a carrier")
		}
	}
}
