package dhcp

import (
	"context"
	"net/netip"

	"github.com/insomniacslk/dhcp/dhcpv4"

	"regain.example/boot"
)

// The parts of option 43 that PXE defines (PXE 2.1 table 2-1).
const (
	pxeDiscoveryControl = 6
	pxeBootItem         = 71

	// discoverNothing is bit 3 of the discovery control: the client takes the
	// file that the offer names, without a menu and without a search by
	// multicast or broadcast.
	discoverNothing = 1 << 3
)

// handleBoot answers one packet on port 4011: the client has its address from
// the site's server and asks for its file (PXE 2.1 section 2.2.5).
func (x *Proxy) handleBoot(ctx context.Context, packet []byte, from netip.AddrPort) (*dhcpv4.DHCPv4, netip.AddrPort) {
	r, ok := x.open(packet)
	if !ok || r.MessageType() != dhcpv4.MessageTypeRequest && r.MessageType() != dhcpv4.MessageTypeInform {
		return nil, netip.AddrPort{}
	}
	if r.kind != kindPXE && r.kind != kindIPXE {
		return nil, netip.AddrPort{}
	}
	if r.current() != from.Addr() {
		// The answer would go to somebody else, and this machine would be
		// taken for another.
		x.warn("a boot request names another address than it comes from", "machine", r.client.MAC.String(), "addr", r.current().String(), "from", from.Addr().String())
		return nil, netip.AddrPort{}
	}
	r.client = x.table.Recall(r.client)
	if !x.learn(&r, from.Addr()) {
		return nil, netip.AddrPort{}
	}
	l := x.loader(ctx, r)
	x.reached(r, boot.StageAddress, l, "")
	if l.file == "" {
		return nil, netip.AddrPort{}
	}
	return x.reply(r, dhcpv4.MessageTypeAck, l), from
}

// reply builds an offer or acknowledgement without an address.
func (x *Proxy) reply(r request, t dhcpv4.MessageType, l loader) *dhcpv4.DHCPv4 {
	p := x.blank(r, t)
	x.tellController(r.DHCPv4, p)
	x.tellLoader(r, p, l)
	if r.kind != kindPXE && r.kind != kindIPXE {
		return p
	}
	p.UpdateOption(dhcpv4.OptClassIdentifier(classPXE))
	if v := x.pxeOptions(r); v != nil {
		p.UpdateOption(dhcpv4.OptGeneric(dhcpv4.OptionVendorSpecificInformation, v))
	}
	return p
}

// pxeOptions makes option 43. A BIOS takes the file of the offer itself. UEFI
// gets none: EDK2 drops a proxy's offer that has a discovery control (NetworkPkg,
// PxeBcDhcp4.c, PxeBcCacheDhcp4Offer keeps such an offer only if it has one
// already), and without it asks on port 4011. iPXE needs none.
func (x *Proxy) pxeOptions(r request) []byte {
	var v []byte
	if r.kind == kindPXE && r.client.Arch == boot.ArchBIOS {
		v = append(v, pxeDiscoveryControl, 1, discoverNothing)
	}
	// Who asks for a boot item is told that this is it (PXE 2.1 table 2-1,
	// tag 71).
	if item := subOption(r.GetOneOption(dhcpv4.OptionVendorSpecificInformation), pxeBootItem); len(item) == 4 {
		v = append(append(v, pxeBootItem, 4), item...)
	}
	if v == nil {
		return nil
	}
	return append(v, end)
}
