// Package bind opens sockets that hear and answer on one named network
// interface only. An address alone does not do that: Linux accepts a packet for
// any of its addresses on every interface, and a DHCP server must listen on
// 0.0.0.0 to hear broadcasts at all.
package bind

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"syscall"

	"golang.org/x/sys/unix"
)

// UDP opens a socket at addr on interface iface alone (SO_BINDTODEVICE,
// socket(7)). It may send broadcasts. Errors are of type *Error.
func UDP(iface string, addr netip.AddrPort) (*net.UDPConn, error) {
	if err := exists("udp", iface, addr); err != nil {
		return nil, err
	}
	config := net.ListenConfig{Control: toDevice(iface)}
	conn, err := config.ListenPacket(context.Background(), "udp4", addr.String())
	if err != nil {
		return nil, &Error{Network: "udp", Interface: iface, Addr: addr, Err: err}
	}
	return conn.(*net.UDPConn), nil
}

// TCP listens at addr on interface iface alone; connections inherit the
// binding. Programs on this host cannot reach it through the loopback
// interface. Errors are of type *Error.
func TCP(iface string, addr netip.AddrPort) (net.Listener, error) {
	if err := exists("tcp", iface, addr); err != nil {
		return nil, err
	}
	config := net.ListenConfig{Control: toDevice(iface)}
	listener, err := config.Listen(context.Background(), "tcp4", addr.String())
	if err != nil {
		return nil, &Error{Network: "tcp", Interface: iface, Addr: addr, Err: err}
	}
	return listener, nil
}

// exists tells a misspelt interface from every other trouble: the kernel would
// report it as ENODEV from the middle of the socket's set-up.
func exists(network, iface string, addr netip.AddrPort) error {
	if _, err := net.InterfaceByName(iface); err != nil {
		return &Error{Network: network, Interface: iface, Addr: addr, Err: unix.ENODEV}
	}
	return nil
}

func toDevice(iface string) func(network, address string, c syscall.RawConn) error {
	return func(_, _ string, c syscall.RawConn) error {
		var bound error
		err := c.Control(func(fd uintptr) {
			bound = unix.SetsockoptString(int(fd), unix.SOL_SOCKET, unix.SO_BINDTODEVICE, iface)
		})
		if err != nil {
			return err
		}
		if bound != nil {
			return fmt.Errorf("bind to device: %w", bound)
		}
		return nil
	}
}

// ICMPv6 opens a raw socket for ICMPv6 on interface iface alone.
func ICMPv6(iface string) (net.PacketConn, error) {
	config := net.ListenConfig{Control: toDevice(iface)}
	return config.ListenPacket(context.Background(), "ip6:ipv6-icmp", "::")
}
