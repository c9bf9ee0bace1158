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

// probeTime is how long offers are awaited. Servers that check an address by
// ping before they offer it take up to two seconds.
const probeTime = 4 * time.Second

// maxServers bounds what Probe reports; one is too many already.
const maxServers = 16

// Probe asks for an address on interface iface and returns the DHCP servers that
// offer one, sorted. It takes no offer. It needs the client's port (68), and
// hears servers on other hosts only.
func Probe(ctx context.Context, iface string) ([]netip.Addr, error) {
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

	if err := conn.SetReadDeadline(time.Now().Add(probeTime)); err != nil {
		return nil, fmt.Errorf("look for DHCP servers on %s: %w", iface, errors.Join(ctx.Err(), err))
	}
	discover, err := dhcpv4.NewDiscovery(dev.HardwareAddr, dhcpv4.WithBroadcast(true))
	if err != nil {
		return nil, fmt.Errorf("look for DHCP servers on %s: %w", iface, err)
	}
	server := netip.AddrPortFrom(everyone().Addr(), ServerPort)
	if _, err := conn.WriteToUDPAddrPort(discover.ToBytes(), server); err != nil {
		return nil, fmt.Errorf("look for DHCP servers on %s: %w", iface, errors.Join(ctx.Err(), err))
	}
	return collect(ctx, conn, discover.TransactionID)
}

// collect reads offers until the deadline. An end of ctx is an error: to have
// heard nothing then proves nothing.
func collect(ctx context.Context, conn *net.UDPConn, id dhcpv4.TransactionID) ([]netip.Addr, error) {
	var found []netip.Addr
	buf := make([]byte, 4096)
	for {
		n, from, err := conn.ReadFromUDPAddrPort(buf)
		if ctx.Err() != nil {
			return nil, fmt.Errorf("look for DHCP servers: %w", ctx.Err())
		}
		if e := net.Error(nil); errors.As(err, &e) && e.Timeout() {
			slices.SortFunc(found, netip.Addr.Compare)
			return found, nil
		}
		if err != nil {
			return nil, fmt.Errorf("look for DHCP servers: %w", err)
		}
		if offer, err := dhcpv4.FromBytes(buf[:n]); err == nil && offer.OpCode == dhcpv4.OpcodeBootReply && offer.TransactionID == id {
			if server := serverOf(offer, from.Addr()); !slices.Contains(found, server) && len(found) < maxServers {
				found = append(found, server)
			}
		}
	}
}

// serverOf prefers option 54 to the packet's source, which may be a relay's.
func serverOf(offer *dhcpv4.DHCPv4, from netip.Addr) netip.Addr {
	if id := addr(offer.ServerIdentifier()); !id.IsUnspecified() {
		return id
	}
	return from.Unmap()
}
