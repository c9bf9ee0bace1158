package dhcp

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"

	"regain.example/boot"
	"regain.example/boot/bind"
	"regain.example/boot/internal/benchnet"
)

// serve runs a server on the bench interface until the test ends.
func serve(t *testing.T) {
	t.Helper()
	b := newBench(t, boot.Decision{})
	conn, err := bind.UDP(benchnet.Bench, netip.MustParseAddrPort("0.0.0.0:67"))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- b.Serve(ctx, conn) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func farSocket(t *testing.T) *net.UDPConn {
	t.Helper()
	conn, err := bind.UDP(benchnet.Far, netip.MustParseAddrPort("0.0.0.0:68"))
	if err != nil {
		t.Error(err)
	}
	return conn
}

func ask(t *testing.T, conn *net.UDPConn, p *dhcpv4.DHCPv4, wait time.Duration) *dhcpv4.DHCPv4 {
	t.Helper()
	if _, err := conn.WriteToUDPAddrPort(p.ToBytes(), netip.MustParseAddrPort("255.255.255.255:67")); err != nil {
		t.Fatal(err)
	}
	conn.SetReadDeadline(time.Now().Add(wait))
	buf := make([]byte, 1500)
	n, _, err := conn.ReadFromUDP(buf)
	if err != nil {
		return nil
	}
	reply, err := dhcpv4.FromBytes(buf[:n])
	if err != nil {
		t.Fatal(err)
	}
	return reply
}

func TestOverTheWireAndOnNoOtherInterface(t *testing.T) {
	n := benchnet.New(t)
	serve(t)
	var at, other *net.UDPConn
	n.AtBench(func() { at = farSocket(t) })
	n.AtOther(func() { other = farSocket(t) })
	defer at.Close()
	defer other.Close()

	// The client left the broadcast flag clear and has no address.
	offer := ask(t, at, discover(t, 1), 5*time.Second)
	if offer == nil || offer.MessageType() != dhcpv4.MessageTypeOffer {
		t.Fatalf("on the bench interface: %v", offer)
	}
	if ack := ask(t, at, accept(t, offer), 5*time.Second); ack == nil || ack.MessageType() != dhcpv4.MessageTypeAck {
		t.Fatalf("on the bench interface: %v", ack)
	}
	if reply := ask(t, other, discover(t, 2), 500*time.Millisecond); reply != nil {
		t.Errorf("on another interface: %s", reply.Summary())
	}
	// Nor by way of the bench address, which Linux accepts on any interface.
	n.AddressOther(netip.MustParsePrefix("10.88.0.2/24"))
	request := discover(t, 3, dhcpv4.WithMessageType(dhcpv4.MessageTypeInform), dhcpv4.WithClientIP([]byte{10, 88, 0, 2}))
	if _, err := other.WriteToUDPAddrPort(request.ToBytes(), netip.MustParseAddrPort("10.88.0.1:67")); err != nil {
		t.Fatal(err)
	}
	other.SetReadDeadline(time.Now().Add(500 * time.Millisecond))
	if size, from, err := other.ReadFromUDP(make([]byte, 1500)); err == nil {
		t.Errorf("%d bytes from %s on another interface", size, from)
	}
}

func TestProbe(t *testing.T) {
	n := benchnet.New(t)
	serve(t)
	// Probe looks from the far end, where it finds the server of this end.
	var found []netip.Addr
	var err error
	n.AtBench(func() { found, err = Probe(t.Context(), benchnet.Far) })
	if err != nil || !slices.Equal(found, []netip.Addr{ip("10.77.0.1")}) {
		t.Errorf("with a server: %v, %v", found, err)
	}
	n.AtOther(func() { found, err = Probe(t.Context(), benchnet.Far) })
	if err != nil || len(found) != 0 {
		t.Errorf("without a server: %v, %v", found, err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	n.AtBench(func() { _, err = Probe(ended, benchnet.Far) })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled probe: %v", err)
	}
}
