package dhcp

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"
)

const (
	// maxPacket is more than any client sends: EDK2's requests have up to 1472
	// bytes. A longer packet is cut here, and thus malformed or harmless.
	maxPacket = 1500
	// maxAtOnce bounds the requests under way. Each may wait for a probe, for
	// the disk or for a decision, so one must not keep the others waiting; a
	// flood must not take all the memory either.
	maxAtOnce = 256
)

// handler answers one packet from a client. A nil reply means silence.
type handler func(ctx context.Context, packet []byte, from netip.AddrPort) (*dhcpv4.DHCPv4, netip.AddrPort)

// serve has each packet that comes in on conn answered, many at once, until ctx
// ends.
func (a *answerer) serve(ctx context.Context, conn net.PacketConn, handle handler) error {
	var underWay sync.WaitGroup
	defer underWay.Wait()
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	slots := make(chan struct{}, maxAtOnce)
	buf := make([]byte, maxPacket)
	for {
		n, from, err := conn.ReadFrom(buf)
		if ctx.Err() != nil {
			return nil
		}
		if errors.Is(err, net.ErrClosed) {
			return fmt.Errorf("dhcp: %w", err)
		}
		if err != nil { // the interface went down, say: it may come back
			a.warn("read of a DHCP request", "err", err)
			time.Sleep(100 * time.Millisecond)
			continue
		}
		select {
		case slots <- struct{}{}:
		default:
			a.meter.DHCP("dropped")
			a.warn("more DHCP requests at once than can be answered; look for a flooding device on the bench network")
			continue
		}
		packet, source := append([]byte(nil), buf[:n]...), sourceOf(from)
		underWay.Go(func() {
			defer func() { <-slots }()
			a.send(ctx, conn, packet, source, handle)
		})
	}
}

func (a *answerer) send(ctx context.Context, conn net.PacketConn, packet []byte, from netip.AddrPort, handle handler) {
	reply, to := handle(ctx, packet, from)
	if reply == nil || ctx.Err() != nil {
		return
	}
	if _, err := conn.WriteTo(reply.ToBytes(), net.UDPAddrFromAddrPort(to)); err != nil {
		if ctx.Err() == nil {
			a.warn("DHCP reply not sent", "machine", reply.ClientHWAddr.String(), "to", to.String(), "err", err)
		}
		return
	}
	a.meter.DHCP(name(reply.MessageType()))
}

func sourceOf(from net.Addr) netip.AddrPort {
	if udp, ok := from.(*net.UDPAddr); ok {
		p := udp.AddrPort()
		return netip.AddrPortFrom(p.Addr().Unmap(), p.Port())
	}
	return netip.AddrPort{}
}

// name returns the message's name for the metrics; what is not in RFC 2131
// shares one.
func name(t dhcpv4.MessageType) string {
	switch t {
	case dhcpv4.MessageTypeDiscover:
		return "discover"
	case dhcpv4.MessageTypeOffer:
		return "offer"
	case dhcpv4.MessageTypeRequest:
		return "request"
	case dhcpv4.MessageTypeDecline:
		return "decline"
	case dhcpv4.MessageTypeAck:
		return "ack"
	case dhcpv4.MessageTypeNak:
		return "nak"
	case dhcpv4.MessageTypeRelease:
		return "release"
	case dhcpv4.MessageTypeInform:
		return "inform"
	}
	return "other"
}
