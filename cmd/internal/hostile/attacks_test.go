package hostile

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	mrand "math/rand/v2"
	"net"
	"net/netip"
	"os"
	"strings"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"

	"regain.example/boot"
)

// attacks are those from which every machine is safe, in the order of a boot.
func attacks() []attack {
	return []attack{
		{"lying DHCP", lieForever, 3000, "regain_dhcp_messages_total", []string{`"malformed"`}},
		{"TFTP requests", requestForever, 3000, "regain_tftp_transfers_total", nil},
		{"TFTP acknowledgements", acknowledgeForever, 3000, "regain_tftp_transfers_total", []string{`"refused"`}},
		{"HTTP connections", crowd("80", "GET /boot/vmlinuz HTTP/1.1\r\nHost: x\r\nX-Slow: "), 1000, "regain_bench_http_requests_total", []string{`"refused"`}},
		{"HTTP downloads", crowd("80", "GET /boot/vmlinuz HTTP/1.1\r\nHost: x\r\n\r\n"), 1000, "regain_bench_http_requests_total", []string{`"kernel"`}},
		{"TLS connections", crowd("8443", "\x16\x03\x01"), 1000, "regain_bench_http_requests_total", []string{`"refused"`}},
		{"registrations", registerForever, 100, "regain_bench_http_requests_total", []string{`"agent"`, `"4xx"`}},
	}
}

// floods exhaust the addresses: machines that were there before are safe.
func floods() []attack {
	return []attack{
		{"offers", discoverForever, 3000, "regain_dhcp_messages_total", []string{`"dropped"`}},
		{"leases", leaseForever, 3000, "regain_dhcp_messages_total", []string{`"withheld"`}},
	}
}

func randomMAC() net.HardwareAddr {
	mac := net.HardwareAddr{2, 0, 0, 0, 0, 0}
	rand.Read(mac[1:])
	return mac
}

// forever calls f until ctx ends, some thousand times a second at most, so that
// the attack does not take the processor from the attacked: both sides share it
// here, and not on a bench.
func forever(ctx context.Context, f func() error) (times int, err error) {
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return times, nil
		case <-tick.C:
		}
		for range 4 {
			if err := f(); err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
				return times, err
			}
			times++
		}
	}
}

// discoverForever asks for addresses with MAC addresses that it invents, and takes
// none.
func discoverForever(ctx context.Context, s *site) (int, error) {
	conn, err := dhcpSocket(s.bad)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	return forever(ctx, func() error {
		p, err := dhcpv4.NewDiscovery(randomMAC(), pxe(boot.ArchEFI64)...)
		if err != nil {
			return err
		}
		_, err = conn.WriteToUDPAddrPort(p.ToBytes(), everyServer)
		return err
	})
}

// leaseForever takes every address that it is offered.
func leaseForever(ctx context.Context, s *site) (int, error) {
	conn, err := dhcpSocket(s.bad)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	taken := 0
	go func() {
		buf := make([]byte, 2048)
		for {
			n, err := conn.Read(buf)
			if err != nil {
				return
			}
			offer, err := dhcpv4.FromBytes(buf[:n])
			if err != nil || offer.MessageType() != dhcpv4.MessageTypeOffer || offer.ClientHWAddr[0] != 2 {
				continue
			}
			if p, err := dhcpv4.NewRequestFromOffer(offer, pxe(boot.ArchEFI64)...); err == nil {
				conn.WriteToUDPAddrPort(p.ToBytes(), everyServer)
			}
		}
	}()
	taken, err = forever(ctx, func() error {
		p, err := dhcpv4.NewDiscovery(randomMAC(), pxe(boot.ArchEFI64)...)
		if err != nil {
			return err
		}
		_, err = conn.WriteToUDPAddrPort(p.ToBytes(), everyServer)
		return err
	})
	return taken, err
}

// lieForever sends packets from one machine whose options lie about their length,
// are far too long, or are noise.
func lieForever(ctx context.Context, s *site) (int, error) {
	conn, err := dhcpSocket(s.bad)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	const options = 240 // where they begin: RFC 2131 figure 1, and the cookie
	mac := randomMAC()
	return forever(ctx, func() error {
		p, err := dhcpv4.NewDiscovery(mac, pxe(boot.ArchEFI64)...)
		if err != nil {
			return err
		}
		b := p.ToBytes()
		switch mrand.IntN(4) {
		case 0: // an option that claims more than there is
			b = append(b[:len(b)-1], 61, 255, 1, 2, 3)
		case 1: // noise from somewhere on
			rand.Read(b[options+mrand.IntN(len(b)-options):])
		case 2: // cut
			b = b[:mrand.IntN(len(b))]
		case 3: // a user class and a machine identifier of thousands of bytes
			b = b[:len(b)-1]
			for range 30 {
				b = append(append(b, 97, 250), make([]byte, 250)...)
				b = append(append(b, 77, 250), make([]byte, 250)...)
			}
			b = b[:min(len(b), 8000)]
		}
		_, err = conn.WriteToUDPAddrPort(b, everyServer)
		return err
	})
}

// requestForever asks for the kernel from thousands of ports and says no more.
func requestForever(ctx context.Context, s *site) (int, error) {
	if err := s.badAddress(ctx); err != nil {
		return 0, err
	}
	return forever(ctx, func() error {
		conn, err := udpSocket(s.bad, netip.AddrPort{})
		if err != nil {
			return err
		}
		defer conn.Close()
		_, err = conn.WriteToUDPAddrPort([]byte("\x00\x01"+boot.FileKernel+"\x00octet\x00blksize\x001468\x00windowsize\x0064\x00"), server(69))
		return err
	})
}

// acknowledgeForever sends acknowledgements, data, errors, noise and requests for
// files that are nobody's business.
func acknowledgeForever(ctx context.Context, s *site) (int, error) {
	if err := s.badAddress(ctx); err != nil {
		return 0, err
	}
	conn, err := udpSocket(s.bad, netip.AddrPort{})
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	noise := make([]byte, 600)
	packets := [][]byte{
		{0, 4, 0, 1}, {0, 3, 0, 1, 'x'}, {0, 5, 0, 0, 'x', 0}, {0, 6, 0}, {0, 1}, {}, noise,
		[]byte("\x00\x02" + boot.FileKernel + "\x00octet\x00"),
		[]byte("\x00\x01" + strings.Repeat("a", 1400) + "\x00octet\x00"),
		[]byte("\x00\x01../../state/regain.db\x00octet\x00blksize\x00999999999999999999999\x00"),
	}
	return forever(ctx, func() error {
		rand.Read(noise)
		port := uint16(69)
		if mrand.IntN(2) == 0 {
			port = uint16(32768 + mrand.IntN(28000)) // where a transfer may be
		}
		_, err := conn.WriteToUDPAddrPort(packets[mrand.IntN(len(packets))], server(port))
		if err != nil && strings.Contains(err.Error(), "refused") {
			return nil
		}
		return err
	})
}

// crowd opens connections as fast as it can, says a little on each, and keeps
// them.
func crowd(port, says string) func(context.Context, *site) (int, error) {
	return func(ctx context.Context, s *site) (int, error) {
		if err := s.badAddress(ctx); err != nil {
			return 0, err
		}
		var held []net.Conn
		defer func() {
			for _, c := range held {
				c.Close()
			}
		}()
		return forever(ctx, func() error {
			dial, cancel := context.WithTimeout(ctx, time.Second)
			defer cancel()
			c, err := s.bad.Dial(dial, "tcp4", net.JoinHostPort(server(0).Addr().String(), port))
			if err != nil {
				return nil // it is the controller's right
			}
			c.SetWriteDeadline(time.Now().Add(100 * time.Millisecond))
			fmt.Fprint(c, says)
			if held = append(held, c); len(held) > 3000 {
				held[0].Close()
				held = held[1:]
			}
			return nil
		})
	}
}

// badAddress gives the attacking bench an address by DHCP, if it has none.
func (s *site) badAddress(ctx context.Context) error {
	if s.badMachine != nil {
		return nil
	}
	m := s.newMachine(s.bad, boot.ArchEFI64)
	if err := m.powerOn(); err != nil {
		return err
	}
	if _, err := m.takeAddress(ctx, pxe(boot.ArchEFI64)...); err != nil {
		return fmt.Errorf("the attacker's own address: %w", err)
	}
	s.badMachine = m
	return nil
}
