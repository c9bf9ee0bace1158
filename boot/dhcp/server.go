// Package dhcp gives addresses and boot files to the machines on one network
// interface. It is the network's only DHCP server and behaves so
// (authoritative, RFC 2131 section 4.3.2): a machine that asks for an address
// of some other network is told no at once and asks anew.
//
// Replies to clients without an address are broadcast, even if the client left
// the broadcast flag clear. RFC 2131 section 4.1 permits that where the server
// cannot unicast, and a plain UDP socket cannot: the client does not answer ARP
// yet. Every client takes a broadcast; some PXE ROMs take nothing else. On an
// isolated bench the extra frames disturb nobody.
package dhcp

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"

	"regain.example/boot"
	"regain.example/boot/script"
)

// The ports of RFC 2131 section 4.1.
const (
	ServerPort = 67
	ClientPort = 68
)

// decideTime bounds the question to the Decider: one slow answer must not keep
// the other machines waiting for their addresses.
const decideTime = 2 * time.Second

// Config says what the server hands out.
type Config struct {
	// Address is the server's own address and the bench network's prefix.
	Address netip.Prefix
	// LeaseTime is how long a machine keeps its address without renewing.
	LeaseTime time.Duration
	// Scripts says where iPXE and UEFI's HTTP Boot find their files.
	Scripts script.Server
	// Controller is cmdline.Params's, told to agents that ask for it; "" for none.
	Controller string
}

// Server answers requests.
type Server struct {
	config   Config
	table    *Table
	decider  boot.Decider
	observer boot.Observer
	meter    boot.Meter
	log      *slog.Logger
}

// New returns a server that gives out the addresses of table.
func New(c Config, t *Table, d boot.Decider, o boot.Observer, m boot.Meter, log *slog.Logger) *Server {
	return &Server{config: c, table: t, decider: d, observer: o, meter: m, log: log}
}

// Serve answers the requests that come in on conn, one after the other, until
// ctx ends. It closes conn.
func (s *Server) Serve(ctx context.Context, conn net.PacketConn) error {
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	defer conn.Close()
	buf := make([]byte, 4096)
	for {
		n, _, err := conn.ReadFrom(buf)
		if ctx.Err() != nil {
			return nil
		}
		if errors.Is(err, net.ErrClosed) {
			return fmt.Errorf("dhcp: %w", err)
		}
		if err != nil { // the interface went down, say: it may come back
			s.log.Warn("read of a DHCP request", "err", err)
			time.Sleep(time.Second)
			continue
		}
		reply, to := s.handle(ctx, buf[:n])
		if reply == nil {
			continue
		}
		if _, err := conn.WriteTo(reply.ToBytes(), net.UDPAddrFromAddrPort(to)); err != nil && ctx.Err() == nil {
			s.log.Warn("DHCP reply not sent", "machine", reply.ClientHWAddr.String(), "err", err)
			continue
		}
		s.meter.DHCP(name(reply.MessageType()))
	}
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
