//go:build bench

package dhcp

import (
	"errors"
	"net"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"
	"golang.org/x/sys/unix"

	"regain.example/cmd/internal/lan"
)

// exchange is what one client got.
type exchange struct {
	asked, offered, given time.Time // of the first packet of each kind
	addr                  string
}

// sniffer watches the exchanges on the clients' interface, by hardware address.
type sniffer struct {
	fd   int
	seen map[string]*exchange
}

// sniff opens the socket; it must run where the clients are.
func sniff() (*sniffer, error) {
	link, err := net.InterfaceByName(lan.Link)
	if err != nil {
		return nil, err
	}
	const all = unix.ETH_P_ALL<<8&0xff00 | unix.ETH_P_ALL>>8 // network order
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_DGRAM, all)
	if err != nil {
		return nil, err
	}
	tick := unix.NsecToTimeval(int64(100 * time.Millisecond))
	err = errors.Join(
		unix.Bind(fd, &unix.SockaddrLinklayer{Protocol: all, Ifindex: link.Index}),
		unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &tick))
	if err != nil {
		return nil, errors.Join(err, unix.Close(fd))
	}
	return &sniffer{fd, map[string]*exchange{}}, nil
}

// run reads until stop is closed.
func (s *sniffer) run(stop <-chan struct{}) {
	defer unix.Close(s.fd)
	buf := make([]byte, 64<<10)
	for {
		select {
		case <-stop:
			return
		default:
		}
		n, _, err := unix.Recvfrom(s.fd, buf, 0)
		now := time.Now()
		if err != nil || n < 28 || buf[0]>>4 != 4 || buf[9] != unix.IPPROTO_UDP {
			continue
		}
		head := int(buf[0]&15) * 4 // RFC 791; then 8 bytes of UDP
		if p, err := dhcpv4.FromBytes(buf[min(n, head+8):n]); err == nil {
			s.note(p, now)
		}
	}
}

func (s *sniffer) note(p *dhcpv4.DHCPv4, now time.Time) {
	mac := p.ClientHWAddr.String()
	e := s.seen[mac]
	if e == nil {
		e = &exchange{}
		s.seen[mac] = e
	}
	first := func(at *time.Time) {
		if at.IsZero() {
			*at = now
		}
	}
	switch p.MessageType() {
	case dhcpv4.MessageTypeDiscover:
		first(&e.asked)
	case dhcpv4.MessageTypeOffer:
		first(&e.offered)
	case dhcpv4.MessageTypeAck:
		first(&e.given)
		e.addr = p.YourIPAddr.String()
	}
}
