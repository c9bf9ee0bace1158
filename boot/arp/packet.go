package arp

import (
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
)

// The fields of RFC 826, with the values for IPv4 over Ethernet.
const (
	hardwareEthernet = 1
	protocolIPv4     = 0x0800
	packetSize       = 28

	opRequest = 1
	opReply   = 2
)

var errPacket = errors.New("not an ARP packet for IPv4 over Ethernet")

// message is what a packet says of its sender, and whom it asks for.
type message struct {
	op     uint16
	mac    net.HardwareAddr // sender's
	sender netip.Addr
	target netip.Addr
}

// probe is a request whose sender has no address yet (RFC 5227 section 2.1.1):
// nobody's cache is spoilt by it.
func probe(from net.HardwareAddr, target netip.Addr) []byte {
	b := make([]byte, packetSize)
	binary.BigEndian.PutUint16(b[0:], hardwareEthernet)
	binary.BigEndian.PutUint16(b[2:], protocolIPv4)
	b[4], b[5] = 6, 4
	binary.BigEndian.PutUint16(b[6:], opRequest)
	copy(b[8:14], from)
	ip := target.As4()
	copy(b[24:28], ip[:])
	return b
}

// parse reads a packet as it follows the Ethernet header; padding may follow.
func parse(b []byte) (message, error) {
	if len(b) < packetSize ||
		binary.BigEndian.Uint16(b[0:]) != hardwareEthernet ||
		binary.BigEndian.Uint16(b[2:]) != protocolIPv4 ||
		b[4] != 6 || b[5] != 4 {
		return message{}, errPacket
	}
	return message{
		op:     binary.BigEndian.Uint16(b[6:]),
		mac:    net.HardwareAddr(append([]byte(nil), b[8:14]...)),
		sender: netip.AddrFrom4([4]byte(b[14:18])),
		target: netip.AddrFrom4([4]byte(b[24:28])),
	}, nil
}
