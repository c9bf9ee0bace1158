package hostile

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"
	"golang.org/x/net/ipv6"

	"regain.example/boot/bind"
	"regain.example/cmd/internal/lan"
)

// rival is another DHCP server's address.
var rival = netip.MustParseAddr("10.77.0.40")

// startRival answers every DISCOVER in a space with an offer.
func startRival(t *testing.T, where *lan.Space) (stop func()) {
	t.Helper()
	var conn *net.UDPConn
	check(t, where.Do(func() (err error) {
		conn, err = bind.UDP(lan.Link, netip.MustParseAddrPort("0.0.0.0:67"))
		return err
	}))
	go func() {
		buf := make([]byte, 2048)
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
				dhcpv4.WithYourIP(net.IPv4(10, 77, 0, 99)), dhcpv4.WithServerIP(rival.AsSlice()),
				dhcpv4.WithOption(dhcpv4.OptServerIdentifier(rival.AsSlice())))
			if err == nil {
				conn.WriteToUDPAddrPort(offer.ToBytes(), netip.MustParseAddrPort("255.255.255.255:68"))
			}
		}
	}()
	return func() { conn.Close() }
}

// solicit asks for a router and waits for the advertisement (RFC 4861).
func solicit(from *lan.Space) error {
	var raw net.PacketConn
	var link *net.Interface
	err := from.Do(func() (err error) {
		if raw, err = bind.ICMPv6(lan.Link); err == nil {
			link, err = net.InterfaceByName(lan.Link)
		}
		return err
	})
	if err != nil {
		return err
	}
	defer raw.Close()
	conn := ipv6.NewPacketConn(raw)
	var filter ipv6.ICMPFilter
	filter.SetAll(true)
	filter.Accept(ipv6.ICMPTypeRouterAdvertisement)
	if err := errors.Join(conn.SetICMPFilter(&filter), conn.SetMulticastHopLimit(255), conn.SetMulticastInterface(link)); err != nil {
		return err
	}
	buf := make([]byte, 1500)
	for range 10 {
		if _, err = conn.WriteTo([]byte{133, 0, 0, 0, 0, 0, 0, 0}, nil, &net.IPAddr{IP: net.IPv6linklocalallrouters}); err == nil {
			conn.SetReadDeadline(time.Now().Add(500 * time.Millisecond))
			if _, _, _, err = conn.ReadFrom(buf); err == nil {
				return nil
			}
		}
		time.Sleep(200 * time.Millisecond) // the link-local address is not settled yet
	}
	return fmt.Errorf("no advertisement: %w", err)
}
