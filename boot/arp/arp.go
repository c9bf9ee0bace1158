// Package arp finds out whether an address is in use on a network, before it is
// given to a machine (RFC 2131 section 3.1, point 2; RFC 5227 section 2.1).
package arp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/mdlayher/packet"
	"golang.org/x/sys/unix"
)

// RFC 5227 section 2.1.1 has a host wait 4 to 7 seconds, for links that are
// still coming up. Here the link is up, since the machine's request came over
// it, and firmware gives up after a few seconds: two probes, answered within
// milliseconds by whoever is there.
const (
	probes   = 2
	probeGap = 120 * time.Millisecond
)

// Prober asks on one interface. It may be used by many goroutines at once.
type Prober struct {
	iface *net.Interface
	conn  *packet.Conn

	mu      sync.Mutex
	waiting map[netip.Addr]map[chan net.HardwareAddr]struct{}
}

// Listen opens a raw socket, bound to the interface. It needs CAP_NET_RAW.
func Listen(iface string) (*Prober, error) {
	dev, err := net.InterfaceByName(iface)
	if err != nil {
		return nil, fmt.Errorf("probe addresses on %s: %w", iface, err)
	}
	conn, err := packet.Listen(dev, packet.Datagram, unix.ETH_P_ARP, nil)
	if err != nil {
		return nil, fmt.Errorf("probe addresses on %s: %w; run as root, or with the capability CAP_NET_RAW", iface, err)
	}
	return &Prober{iface: dev, conn: conn, waiting: map[netip.Addr]map[chan net.HardwareAddr]struct{}{}}, nil
}

// Serve hears the answers until ctx ends. It closes the socket.
func (p *Prober) Serve(ctx context.Context) error {
	defer p.conn.Close()
	defer context.AfterFunc(ctx, func() { p.conn.Close() })()
	buf := make([]byte, 128)
	for {
		n, _, err := p.conn.ReadFrom(buf)
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, net.ErrClosed):
			return fmt.Errorf("probe addresses on %s: %w", p.iface.Name, err)
		case err != nil: // the interface went down, say: it may come back
			time.Sleep(probeGap)
			continue
		}
		if m, err := parse(buf[:n]); err == nil {
			p.heard(m)
		}
	}
}

// Close lets go of the socket, if Serve was never called.
func (p *Prober) Close() error { return p.conn.Close() }

// heard tells those who wait for the sender's address. Anything that its holder
// sends counts (RFC 5227 section 2.1.1), and so does another's probe for it.
func (p *Prober) heard(m message) {
	if bytes.Equal(m.mac, p.iface.HardwareAddr) {
		return
	}
	addr := m.sender
	if addr.IsUnspecified() && m.op == opRequest {
		addr = m.target
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.waiting[addr] {
		select {
		case c <- m.mac:
		default:
		}
	}
}

// Holder returns who uses addr, other than the machine that asks for it, or nil
// if nobody answers. An error says that it is not known.
func (p *Prober) Holder(ctx context.Context, addr netip.Addr, asks net.HardwareAddr) (net.HardwareAddr, error) {
	answers := make(chan net.HardwareAddr, 4)
	p.wait(addr, answers)
	defer p.forget(addr, answers)
	to := &packet.Addr{HardwareAddr: net.HardwareAddr{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}}
	question := probe(p.iface.HardwareAddr, addr)
	for range probes {
		if _, err := p.conn.WriteTo(question, to); err != nil {
			return nil, fmt.Errorf("probe %s: %w", addr, err)
		}
		gap := time.NewTimer(probeGap)
		defer gap.Stop()
		for waiting := true; waiting; {
			select {
			case mac := <-answers:
				if !bytes.Equal(mac, asks) {
					return mac, nil
				}
			case <-gap.C:
				waiting = false
			case <-ctx.Done():
				return nil, fmt.Errorf("probe %s: %w", addr, ctx.Err())
			}
		}
	}
	return nil, nil
}

func (p *Prober) wait(addr netip.Addr, c chan net.HardwareAddr) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.waiting[addr] == nil {
		p.waiting[addr] = map[chan net.HardwareAddr]struct{}{}
	}
	p.waiting[addr][c] = struct{}{}
}

func (p *Prober) forget(addr netip.Addr, c chan net.HardwareAddr) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.waiting[addr], c)
	if len(p.waiting[addr]) == 0 {
		delete(p.waiting, addr)
	}
}
