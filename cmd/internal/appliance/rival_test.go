package appliance

import (
	"net"
	"net/netip"
	"testing"

	"github.com/insomniacslk/dhcp/dhcpv4"

	"regain.example/boot/bind"
)

// rival is another DHCP server on the bench network, until the test ends. It
// offers one address to everybody.
func rival(t *testing.T, address string) {
	t.Helper()
	var conn *net.UDPConn
	atBench(t, func() {
		var err error
		if conn, err = bind.UDP("machines0", netip.MustParseAddrPort("0.0.0.0:67")); err != nil {
			t.Fatal(err)
		}
	})
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		buf := make([]byte, 1500)
		for {
			n, err := conn.Read(buf)
			if err != nil {
				return
			}
			p, err := dhcpv4.FromBytes(buf[:n])
			if err != nil || p.MessageType() != dhcpv4.MessageTypeDiscover {
				continue
			}
			offer, err := dhcpv4.NewReplyFromRequest(p, dhcpv4.WithMessageType(dhcpv4.MessageTypeOffer),
				dhcpv4.WithYourIP(net.IPv4(10, 77, 0, 200)), dhcpv4.WithServerIP(net.ParseIP(address)),
				dhcpv4.WithOption(dhcpv4.OptServerIdentifier(net.ParseIP(address))), dhcpv4.WithLeaseTime(3600))
			if err == nil {
				_, err = conn.WriteToUDPAddrPort(offer.ToBytes(), netip.MustParseAddrPort("255.255.255.255:68"))
			}
			if err != nil {
				t.Errorf("the other server: %v", err)
			}
		}
	}()
	t.Cleanup(func() {
		conn.Close()
		<-ended
	})
}
