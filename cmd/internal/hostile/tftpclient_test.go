package hostile

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"time"

	"regain.example/cmd/internal/lan"
)

// tftpBlock is the block size that EDK2 asks for on Ethernet.
const tftpBlock = 1468

// tftp fetches a file as firmware does (RFC 1350, 2348): one block, one
// acknowledgement; what is not answered within a second is sent again.
func (m *machine) tftp(ctx context.Context, name string) ([]byte, error) {
	conn, err := udpSocket(m.space, netip.AddrPort{})
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	got, err := fetch(ctx, conn, name)
	if err != nil {
		return nil, fmt.Errorf("fetch %s by TFTP after %d bytes: %w", name, len(got), err)
	}
	return got, nil
}

func fetch(ctx context.Context, conn *net.UDPConn, name string) ([]byte, error) {
	packet := fmt.Appendf(nil, "\x00\x01%s\x00octet\x00blksize\x00%d\x00", name, tftpBlock)
	to := server(69)
	var content []byte
	next, silent, block := uint16(1), 0, 512
	buf := make([]byte, 2048)
	for {
		if _, err := conn.WriteToUDPAddrPort(packet, to); err != nil {
			return content, err
		}
		conn.SetReadDeadline(time.Now().Add(time.Second))
		n, from, err := conn.ReadFromUDPAddrPort(buf)
		if ctx.Err() != nil {
			return content, ctx.Err()
		}
		if err != nil {
			if silent++; silent > 10 {
				return content, err
			}
			continue
		}
		p := buf[:n]
		if n < 4 || from.Addr().Unmap() != to.Addr() || (to.Port() != 69 && from.Port() != to.Port()) {
			continue
		}
		silent = 0
		switch {
		case p[1] == 5:
			return content, fmt.Errorf("refused: %q", bytes.Trim(p[4:], "\x00"))
		case p[1] == 6: // options acknowledged
			to, packet, block = server(from.Port()), []byte{0, 4, 0, 0}, tftpBlock
		case p[1] == 3 && binary.BigEndian.Uint16(p[2:]) == next:
			content = append(content, p[4:]...)
			to, packet = server(from.Port()), []byte{0, 4, p[2], p[3]}
			next++
			if n-4 < block {
				_, err := conn.WriteToUDPAddrPort(packet, to)
				return content, err
			}
		}
	}
}

// udpSocket opens a socket in a space; the zero address is any.
func udpSocket(s *lan.Space, at netip.AddrPort) (conn *net.UDPConn, err error) {
	err = s.Do(func() (err error) {
		conn, err = net.ListenUDP("udp4", net.UDPAddrFromAddrPort(at))
		return err
	})
	return conn, err
}
