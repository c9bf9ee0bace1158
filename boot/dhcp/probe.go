package dhcp

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"

	"regain.example/boot/bind"
)

const (
	// probeTime is how long offers are awaited. Servers that check an address
	// by ping before they offer it take up to two seconds.
	probeTime = 4 * time.Second
	// probeRepeat is when the question is asked again: a packet may be lost.
	probeRepeat = time.Second
)

// maxServers bounds what Probe reports; one is too many already.
const maxServers = 16

// Probe asks for an address on interface iface and returns the DHCP servers that
// offer one, sorted, without those at one of our own addresses. It takes no offer.
// It needs the client's port (68).
func Probe(ctx context.Context, iface string, own ...netip.Addr) ([]netip.Addr, error) {
	dev, err := net.InterfaceByName(iface)
	if err != nil {
		return nil, fmt.Errorf("look for DHCP servers on %s: %w", iface, err)
	}
	conn, err := bind.UDP(iface, netip.AddrPortFrom(netip.IPv4Unspecified(), ClientPort))
	if err != nil {
		return nil, fmt.Errorf("look for DHCP servers: %w", err)
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	discover, err := dhcpv4.NewDiscovery(dev.HardwareAddr, dhcpv4.WithBroadcast(true))
	if err != nil {
		return nil, fmt.Errorf("look for DHCP servers on %s: %w", iface, err)
	}
	l := look{conn: conn, discover: discover, own: own}
	for wait, end := probeRepeat, time.Now().Add(probeTime); err == nil && time.Now().Before(end); wait = probeTime {
		if err = l.ask(); err == nil {
			err = l.collect(time.Now().Add(min(wait, time.Until(end))))
		}
	}
	if ctx.Err() != nil {
		return nil, fmt.Errorf("look for DHCP servers: %w", ctx.Err()) // silence proves nothing then
	}
	if err != nil {
		return nil, fmt.Errorf("look for DHCP servers on %s: %w", iface, err)
	}
	slices.SortFunc(l.found, netip.Addr.Compare)
	return l.found, nil
}

// look is one search for servers.
type look struct {
	conn     *net.UDPConn
	discover *dhcpv4.DHCPv4
	own      []netip.Addr
	found    []netip.Addr
}

func (l *look) ask() error {
	_, err := l.conn.WriteToUDPAddrPort(l.discover.ToBytes(), netip.AddrPortFrom(everyone().Addr(), ServerPort))
	return err
}

// collect reads offers until the deadline.
func (l *look) collect(deadline time.Time) error {
	if err := l.conn.SetReadDeadline(deadline); err != nil {
		return err
	}
	buf := make([]byte, maxPacket)
	for {
		n, from, err := l.conn.ReadFromUDPAddrPort(buf)
		if e := net.Error(nil); errors.As(err, &e) && e.Timeout() {
			return nil
		}
		if err != nil {
			return err
		}
		if server := rival(buf[:n], from.Addr().Unmap(), l.discover.TransactionID); server.IsValid() {
			l.add(server)
		}
	}
}

func (l *look) add(server netip.Addr) {
	if !slices.Contains(l.own, server) && !slices.Contains(l.found, server) && len(l.found) < maxServers {
		l.found = append(l.found, server)
	}
}

// rival returns the server that a packet offers an address for, or the zero
// address if it is none of the answers. A relay passes offers on and is no
// server: option 54 names that, else the field siaddr. A reply that names nobody
// is its sender's.
func rival(packet []byte, from netip.Addr, id dhcpv4.TransactionID) netip.Addr {
	p, err := dhcpv4.FromBytes(packet)
	if err != nil || p.OpCode != dhcpv4.OpcodeBootReply || p.TransactionID != id {
		return netip.Addr{}
	}
	// BOOTP servers send no message type.
	if t := p.MessageType(); t != dhcpv4.MessageTypeOffer && t != dhcpv4.MessageTypeNone {
		return netip.Addr{}
	}
	if server := addr(p.ServerIdentifier()); !server.IsUnspecified() {
		return server
	}
	if next := addr(p.ServerIPAddr); from == addr(p.GatewayIPAddr) && !next.IsUnspecified() {
		return next
	}
	return from
}
