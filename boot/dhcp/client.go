package dhcp

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"github.com/insomniacslk/dhcp/dhcpv4"
	"github.com/insomniacslk/dhcp/iana"

	"regain.example/boot"
)

// kind is what a client needs beside an address.
type kind int

const (
	kindSystem kind = iota // an operating system: an address, nothing to boot
	kindPXE                // firmware that loads by TFTP
	kindHTTP               // firmware that loads by HTTP
	kindIPXE               // iPXE, ours or a network card's: a script's URL
)

// asker is what k is to those who follow the boot.
func (k kind) asker() boot.Asker {
	switch k {
	case kindSystem:
		return boot.AskerSystem
	case kindIPXE:
		return boot.AskerIPXE
	}
	return boot.AskerFirmware
}

// The vendor classes (option 60) of firmware, up to the colon.
const (
	classPXE  = "PXEClient"
	classHTTP = "HTTPClient"
)

// maxOption is the longest option that RFC 2132 has in one piece.
const maxOption = 255

// errNotOurs is what read answers to a packet that no client of this segment
// sends.
var errNotOurs = errors.New("not a request from a client on this network")

// read tells who sent the request and what it is. Whatever the packet holds
// beyond that is dropped here.
func read(p *dhcpv4.DHCPv4) (boot.Client, kind, error) {
	if p.OpCode != dhcpv4.OpcodeBootRequest {
		return boot.Client{}, 0, fmt.Errorf("%w: operation %d", errNotOurs, p.OpCode)
	}
	// The library joins an option that is repeated (RFC 3396). What is echoed
	// must fit into a reply.
	for _, o := range []dhcpv4.OptionCode{dhcpv4.OptionClientIdentifier, dhcpv4.OptionClientMachineIdentifier, dhcpv4.OptionRelayAgentInformation} {
		if n := len(p.GetOneOption(o)); n > maxOption {
			return boot.Client{}, 0, fmt.Errorf("%w: %s has %d bytes", errNotOurs, o, n)
		}
	}
	mac := p.ClientHWAddr
	if p.HWType != iana.HWTypeEthernet || len(mac) != 6 || mac[0]&1 != 0 || bytes.Equal(mac, make([]byte, 6)) {
		return boot.Client{}, 0, fmt.Errorf("%w: hardware address %s of type %d", errNotOurs, mac, p.HWType)
	}
	c := boot.Client{MAC: mac, UUID: uuid(p.GetOneOption(dhcpv4.OptionClientMachineIdentifier))}
	if archs := p.ClientArch(); len(archs) > 0 {
		c.Arch = boot.Arch(archs[0])
	}
	return c, kindOf(p), nil
}

func kindOf(p *dhcpv4.DHCPv4) kind {
	class := p.ClassIdentifier()
	switch {
	case isIPXE(p):
		return kindIPXE
	case strings.HasPrefix(class, classPXE): // PXE 2.1 section 2.2.1
		return kindPXE
	case strings.HasPrefix(class, classHTTP): // UEFI 2.10 section 24.7.3.1
		return kindHTTP
	}
	return kindSystem
}

// The options by which iPXE tells of itself (ipxe.org/howto/dhcpd; iPXE's
// src/include/ipxe/dhcp.h and features.h).
const (
	optionIPXE     = 175
	ipxeNoPXEDHCP  = 0xb0
	ipxeHTTP       = 0x13
	ipxeUserClass  = "iPXE"
	optionPad, end = 0, 255
)

// isIPXE reports whether the client is an iPXE that can fetch a script by HTTP.
// An iPXE in a network card's ROM may be built without HTTP; it is given our
// iPXE like any other PXE ROM. Ours has HTTP, so it is never given itself again.
func isIPXE(p *dhcpv4.DHCPv4) bool {
	// Not p.UserClass(): iPXE sends the bare text and not RFC 3004's form.
	if !bytes.Contains(p.GetOneOption(dhcpv4.OptionUserClassInformation), []byte(ipxeUserClass)) {
		return false
	}
	features := p.GetOneOption(dhcpv4.GenericOptionCode(optionIPXE))
	return len(features) == 0 || hasSubOption(features, ipxeHTTP)
}

func hasSubOption(b []byte, code byte) bool { return subOption(b, code) != nil }

// subOption returns the value of one option within an option (RFC 2132 section
// 8.4); nil if it is not there, not nil if it is there and empty.
func subOption(b []byte, code byte) []byte {
	for len(b) > 1 && b[0] != end {
		if b[0] == optionPad {
			b = b[1:]
			continue
		}
		size := 2 + int(b[1])
		if len(b) < size {
			return nil
		}
		if b[0] == code {
			return b[2:size:size]
		}
		b = b[size:]
	}
	return nil
}

// uuid reads option 97 (RFC 4578 section 2.3): a zero, then SMBIOS's 16 bytes,
// whose first three parts are little-endian.
func uuid(b []byte) string {
	if len(b) != 17 || b[0] != 0 {
		return ""
	}
	g := b[1:]
	return fmt.Sprintf("%02x%02x%02x%02x-%02x%02x-%02x%02x-%x-%x",
		g[3], g[2], g[1], g[0], g[5], g[4], g[7], g[6], g[8:10], g[10:])
}

func addr(ip []byte) netip.Addr {
	a, ok := netip.AddrFromSlice(ip)
	if !ok {
		return netip.IPv4Unspecified()
	}
	return a.Unmap()
}
