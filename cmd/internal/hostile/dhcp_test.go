package hostile

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"

	"regain.example/boot"
	"regain.example/boot/bind"
	"regain.example/cmd/internal/lan"
	"regain.example/cmd/internal/vbench"
)

// everyServer is where a client without an address sends.
var everyServer = netip.MustParseAddrPort("255.255.255.255:67")

// pxe is what firmware says of itself (RFC 4578).
func pxe(a boot.Arch) []dhcpv4.Modifier {
	return []dhcpv4.Modifier{
		dhcpv4.WithOption(dhcpv4.OptClassIdentifier(fmt.Sprintf("PXEClient:Arch:%05d:UNDI:003001", uint16(a)))),
		dhcpv4.WithGeneric(dhcpv4.OptionClientSystemArchitectureType, []byte{byte(a >> 8), byte(a)}),
		dhcpv4.WithBroadcast(true),
	}
}

// ipxe is what iPXE adds.
func ipxe() dhcpv4.Modifier { return dhcpv4.WithUserClass("iPXE", false) }

// takeAddress asks for an address until it has one, as firmware does (PXE
// specification 2.1, section 2.2.2: 4, 8, 16 and 32 seconds), and puts it on the
// interface.
func (m *machine) takeAddress(ctx context.Context, what ...dhcpv4.Modifier) (*dhcpv4.DHCPv4, error) {
	conn, err := dhcpSocket(m.space)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	var last error
	for wait := 4 * time.Second; wait <= 32*time.Second && ctx.Err() == nil; wait *= 2 {
		ack, err := m.askOnce(conn, wait, what)
		if err != nil {
			last = err
			continue
		}
		m.addr, _ = netip.AddrFromSlice(ack.YourIPAddr.To4())
		ones, _ := ack.SubnetMask().Size()
		return ack, m.space.Address(netip.PrefixFrom(m.addr, ones))
	}
	return nil, fmt.Errorf("no address: %w", errors.Join(last, ctx.Err()))
}

func (m *machine) askOnce(conn *net.UDPConn, wait time.Duration, what []dhcpv4.Modifier) (*dhcpv4.DHCPv4, error) {
	discover, err := dhcpv4.NewDiscovery(m.mac, what...)
	if err != nil {
		return nil, err
	}
	offer, err := exchange(conn, discover, dhcpv4.MessageTypeOffer, wait)
	if err != nil {
		return nil, err
	}
	request, err := dhcpv4.NewRequestFromOffer(offer, what...)
	if err != nil {
		return nil, err
	}
	return exchange(conn, request, dhcpv4.MessageTypeAck, wait)
}

// exchange sends p and waits for its answer.
func exchange(conn *net.UDPConn, p *dhcpv4.DHCPv4, want dhcpv4.MessageType, wait time.Duration) (*dhcpv4.DHCPv4, error) {
	if _, err := conn.WriteToUDPAddrPort(p.ToBytes(), everyServer); err != nil {
		return nil, err
	}
	if err := conn.SetReadDeadline(time.Now().Add(wait)); err != nil {
		return nil, err
	}
	buf := make([]byte, 2048)
	for {
		n, err := conn.Read(buf)
		if err != nil {
			return nil, fmt.Errorf("no %s to a %s: %w", want, p.MessageType(), err)
		}
		r, err := dhcpv4.FromBytes(buf[:n])
		if err != nil || r.TransactionID != p.TransactionID || r.OpCode != dhcpv4.OpcodeBootReply {
			continue
		}
		if r.MessageType() != want {
			return nil, fmt.Errorf("%s in answer to a %s", r.MessageType(), p.MessageType())
		}
		return r, nil
	}
}

// dhcpSocket opens the client's port in a space.
func dhcpSocket(s *lan.Space) (conn *net.UDPConn, err error) {
	err = s.Do(func() (err error) {
		conn, err = bind.UDP(lan.Link, netip.MustParseAddrPort("0.0.0.0:68"))
		return err
	})
	return conn, err
}

// server is a port of the appliance on the bench.
func server(port uint16) netip.AddrPort { return netip.AddrPortFrom(vbench.Address.Addr(), port) }
