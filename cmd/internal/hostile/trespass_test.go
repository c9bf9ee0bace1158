package hostile

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"regain.example/cmd/internal/lan"
	"regain.example/cmd/internal/vbench"
)

// decoys are programs on the appliance that listen on all its addresses, and that
// the bench must not reach.
type decoys struct {
	tcp   []uint16
	heard atomic.Int64 // datagrams
}

func (d *decoys) names() []string {
	var all []string
	for _, p := range d.tcp {
		all = append(all, tcpName(p))
	}
	return all
}

func tcpName(p uint16) string { return fmt.Sprintf("TCP %d", p) }

// openDecoys listens at ports of all heights, next to ours too.
func (s *site) openDecoys(t *testing.T) *decoys {
	t.Helper()
	d := &decoys{tcp: []uint16{1, 22, 79, 81, 443, 8442, 9090, 65535}}
	for _, p := range d.tcp {
		listen(t, s.LAN, fmt.Sprintf("0.0.0.0:%d", p))
	}
	for _, p := range []uint16{53, 70, 123, 161, 4011, 5353, 50000} {
		var c *net.UDPConn
		check(t, s.Do(func() (err error) {
			c, err = net.ListenUDP("udp4", &net.UDPAddr{Port: int(p)})
			return err
		}))
		t.Cleanup(func() { c.Close() })
		go func() {
			buf := make([]byte, 100)
			for {
				if _, err := c.Read(buf); err != nil {
					return
				}
				d.heard.Add(1)
			}
		}()
	}
	listen(t, s.Desk, "0.0.0.0:9000")
	listen(t, s.bad, "0.0.0.0:9001")
	check(t, s.Desk.Address(netip.MustParsePrefix("192.0.2.78/24")))
	return d
}

// trespass tries what is not in the matrix and returns what succeeded.
func (s *site) trespass(t *testing.T, d *decoys) (reached []string) {
	t.Helper()
	page := lan.OfficeAddress.Addr().String() + ":8444"
	for name, ok := range map[string]bool{
		"page from the bench":    reaches(t.Context(), s.bad, "", page),
		"office from the bench":  reaches(t.Context(), s.bad, "", lan.Desk.Addr().String()+":9000"),
		"bench from the office":  reaches(t.Context(), s.Desk, "", "10.77.0.40:9001"),
		"page from another desk": reaches(t.Context(), s.Desk, "192.0.2.78", page),
	} {
		if ok {
			reached = append(reached, name)
		}
	}
	open, refused := scanTCP(t, s.bad)
	for _, p := range open {
		if p != 80 && p != 8443 {
			reached = append(reached, tcpName(p))
		}
	}
	if !slices.Contains(open, 80) || !slices.Contains(open, 8443) {
		t.Errorf("the scan does not find our own ports: it found %v", open)
	}
	d.heard.Store(0)
	refused += scanUDP(t, s.bad)
	if refused > 0 {
		reached = append(reached, "refusals")
	}
	if d.heard.Load() > 0 {
		reached = append(reached, "UDP")
	}
	slices.Sort(reached)
	return reached
}

// scanTCP tries to connect to every port of the appliance, and returns those that
// are open and how many refused.
func scanTCP(t *testing.T, from *lan.Space) (open []uint16, refused int) {
	t.Helper()
	const atOnce = 2048
	check(t, from.Do(func() error {
		for first := 1; first <= 65535; first += atOnce {
			if err := scanSome(first, min(first+atOnce-1, 65535), &open, &refused); err != nil {
				return err
			}
		}
		return nil
	}))
	return open, refused
}

func scanSome(first, last int, open *[]uint16, refused *int) error {
	var fds []unix.PollFd
	defer func() {
		for _, f := range fds {
			unix.Close(int(f.Fd))
		}
	}()
	for port := first; port <= last; port++ {
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_NONBLOCK, 0)
		if err != nil {
			return err
		}
		fds = append(fds, unix.PollFd{Fd: int32(fd), Events: unix.POLLOUT})
		err = unix.Connect(fd, &unix.SockaddrInet4{Port: port, Addr: vbench.Address.Addr().As4()})
		if err != nil && !errors.Is(err, unix.EINPROGRESS) {
			return fmt.Errorf("port %d: %w", port, err)
		}
	}
	time.Sleep(150 * time.Millisecond)
	if _, err := unix.Poll(fds, 0); err != nil {
		return err
	}
	for i, f := range fds {
		if f.Revents == 0 {
			continue
		}
		code, err := unix.GetsockoptInt(int(f.Fd), unix.SOL_SOCKET, unix.SO_ERROR)
		switch {
		case err != nil:
			return err
		case code == 0:
			*open = append(*open, uint16(first+i))
		case unix.Errno(code) == unix.ECONNREFUSED:
			*refused++
		}
	}
	return nil
}

// scanUDP sends a datagram to every port of the appliance that is not of the
// matrix, and returns how many were refused (ICMP, port unreachable).
func scanUDP(t *testing.T, from *lan.Space) (refused int) {
	t.Helper()
	var icmp net.PacketConn
	check(t, from.Do(func() (err error) {
		icmp, err = net.ListenPacket("ip4:icmp", "0.0.0.0")
		return err
	}))
	defer icmp.Close()
	conn, err := udpSocket(from, netip.AddrPort{})
	check(t, err)
	defer conn.Close()
	for port := uint16(65535); port > 0; port-- {
		if port == 67 || port == 69 {
			continue
		}
		_, err := conn.WriteToUDPAddrPort([]byte("anybody there?"), server(port))
		if err != nil && !strings.Contains(err.Error(), "refused") && !errors.Is(err, unix.ENOBUFS) {
			t.Fatal(err)
		}
	}
	icmp.SetReadDeadline(time.Now().Add(500 * time.Millisecond))
	buf := make([]byte, 1500)
	for {
		n, _, err := icmp.ReadFrom(buf)
		if err != nil {
			return refused
		}
		if n > 1 && buf[0] == 3 && buf[1] == 3 { // RFC 792
			refused++
		}
	}
}
