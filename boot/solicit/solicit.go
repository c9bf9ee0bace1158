// Package solicit answers IPv6 router solicitations with an advertisement that
// offers nothing. It is there for speed: iPXE configures IPv4 and IPv6 together
// and goes on when both are settled. Where no router answers, it gives IPv6 up
// after 16 seconds, at every start of an iPXE (seen with Debian 12's and with
// QEMU's ROM). An empty answer ends the wait at once.
//
// The advertisement has lifetime 0 and no prefix: nobody takes this host for a
// router, or an address from it (RFC 4861 section 4.2).
package solicit

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	"golang.org/x/net/ipv6"

	"regain.example/boot/bind"
)

// Conn is a socket that hears router solicitations.
type Conn struct {
	conn *ipv6.PacketConn
}

// Listen opens the socket on interface iface alone. The interface needs a
// link-local IPv6 address by the time a machine asks.
func Listen(iface string) (*Conn, error) {
	dev, err := net.InterfaceByName(iface)
	if err != nil {
		return nil, fmt.Errorf("router solicitations on %s: %w", iface, err)
	}
	raw, err := bind.ICMPv6(iface)
	if err != nil {
		return nil, fmt.Errorf("router solicitations on %s: %w", iface, err)
	}
	c := &Conn{conn: ipv6.NewPacketConn(raw)}
	if err := c.prepare(dev); err != nil {
		return nil, errors.Join(fmt.Errorf("router solicitations on %s: %w", iface, err), raw.Close())
	}
	return c, nil
}

func (c *Conn) prepare(dev *net.Interface) error {
	var filter ipv6.ICMPFilter
	filter.SetAll(true)
	filter.Accept(ipv6.ICMPTypeRouterSolicitation)
	return errors.Join(
		c.conn.SetICMPFilter(&filter),
		c.conn.JoinGroup(dev, &net.IPAddr{IP: net.IPv6linklocalallrouters}),
		c.conn.SetMulticastInterface(dev),
		c.conn.SetHopLimit(255), // RFC 4861 section 6.1.2: others are dropped
		c.conn.SetMulticastHopLimit(255),
		c.conn.SetControlMessage(ipv6.FlagHopLimit, true),
	)
}

// Close closes the socket, if Serve was never called.
func (c *Conn) Close() error { return c.conn.Close() }

// Serve answers until ctx ends, and closes the socket.
func (c *Conn) Serve(ctx context.Context, log *slog.Logger) error {
	defer context.AfterFunc(ctx, func() { c.conn.Close() })()
	defer c.conn.Close()
	buf := make([]byte, 1500)
	for {
		n, control, from, err := c.conn.ReadFrom(buf)
		if ctx.Err() != nil {
			return nil
		}
		if errors.Is(err, net.ErrClosed) {
			return fmt.Errorf("router solicitations: %w", err)
		}
		if err != nil { // the interface went down, say: it may come back
			log.Warn("read of a router solicitation", "err", err)
			time.Sleep(time.Second)
			continue
		}
		if !isSolicitation(buf[:n]) || control == nil || control.HopLimit != 255 {
			continue
		}
		if _, err := c.conn.WriteTo(advertisement(), nil, answerTo(from)); err != nil && ctx.Err() == nil {
			log.Debug("router advertisement not sent", "err", err)
		}
	}
}

// isSolicitation checks type, code and length (RFC 4861 section 6.1.1); the
// kernel has checked the checksum.
func isSolicitation(b []byte) bool {
	return len(b) >= 8 && b[0] == byte(ipv6.ICMPTypeRouterSolicitation) && b[1] == 0
}

// advertisement is RFC 4861 section 4.2's message: type 134, and zero for all
// that it could say (hop limit, flags, lifetime, timers). The kernel fills in
// the checksum (RFC 3542 section 3.1).
func advertisement() []byte {
	b := make([]byte, 16)
	b[0] = byte(ipv6.ICMPTypeRouterAdvertisement)
	return b
}

// answerTo is the client, or everyone if it has no address yet.
func answerTo(from net.Addr) net.Addr {
	a, ok := from.(*net.IPAddr)
	if ok && a.IP.IsLinkLocalUnicast() {
		return a
	}
	return &net.IPAddr{IP: net.IPv6linklocalallnodes}
}
