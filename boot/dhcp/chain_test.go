package dhcp

import (
	"testing"

	"github.com/insomniacslk/dhcp/dhcpv4"

	"regain.example/boot"
)

// TestChains: what the book of chains chooses is what the machine is sent, and
// what is told.
func TestChains(t *testing.T) {
	uefi, http := []dhcpv4.Modifier{pxeClass, arch(7)}, []dhcpv4.Modifier{httpClass, arch(16)}
	for _, test := range []struct {
		name  string
		with  []dhcpv4.Modifier
		ways  ways
		file  string
		chain boot.Chain
	}{
		{"UEFI by shim", uefi, ways{boot.ArchEFI64: boot.ChainShim}, "shimx64.efi", boot.ChainShim},
		{"UEFI by iPXE", uefi, ways{boot.ArchEFI64: boot.ChainIPXE}, "snponly.efi", boot.ChainIPXE},
		{"EBC by shim", []dhcpv4.Modifier{pxeClass, arch(9)}, ways{boot.ArchEFIBC: boot.ChainShim}, "shimx64.efi", boot.ChainShim},
		{"HTTP Boot by image", http, ways{boot.ArchEFI64HTTP: boot.ChainImage}, config().Scripts.ImageURL(), boot.ChainImage},
		{"HTTP Boot by iPXE", http, ways{boot.ArchEFI64HTTP: boot.ChainIPXE}, config().Scripts.LoaderURL(), boot.ChainIPXE},
		{"BIOS", []dhcpv4.Modifier{pxeClass, arch(0)}, ways{boot.ArchBIOS: boot.ChainShim}, "undionly.kpxe", boot.ChainIPXE},
		{"iPXE", []dhcpv4.Modifier{pxeClass, arch(7), ipxe(0x13, 1, 1)}, ways{boot.ArchEFI64: boot.ChainShim}, url + "boot.ipxe", boot.ChainIPXE},
	} {
		b := newBench(t, boot.Decision{Action: boot.ActionAgent})
		for arch, chain := range test.ways {
			b.ways[arch] = chain
		}
		offer, _ := b.send(t, discover(t, 1, test.with...))
		if offer.BootFileName != test.file {
			t.Errorf("%s: sent %q, want %q", test.name, offer.BootFileName, test.file)
		}
		if got := b.last(t); got.Stage != boot.StageOffer || got.Chain != test.chain || got.File != test.file || got.Client.Addr != ip("10.77.0.100") {
			t.Errorf("%s: seen %+v", test.name, got)
		}
	}
}

// TestUnserved machines get an address and no file, at each of their questions;
// the architecture is told.
func TestUnserved(t *testing.T) {
	for _, test := range []struct {
		with []dhcpv4.Modifier
		name string
	}{
		{[]dhcpv4.Modifier{pxeClass, arch(6)}, "UEFI 32-bit"},
		{[]dhcpv4.Modifier{pxeClass, arch(11)}, "ARM UEFI"},
		{[]dhcpv4.Modifier{pxeClass, arch(11), ipxe(0x13, 1, 1)}, "ARM UEFI"},
		{[]dhcpv4.Modifier{class("HTTPClient:Arch:00019"), arch(19)}, "architecture 19"},
		{[]dhcpv4.Modifier{class("HTTPClient:Arch:00015"), arch(15)}, "architecture 15"},
	} {
		b := newBench(t, boot.Decision{Action: boot.ActionAgent})
		offer, _ := b.send(t, discover(t, 1, test.with...))
		if offer == nil || offer.BootFileName != "" {
			t.Fatalf("%s: %v", test.name, offer)
		}
		b.send(t, accept(t, offer, test.with...))
		for _, got := range b.seen.Sightings() {
			if got.Stage != boot.StageUnserved || got.Detail != test.name {
				t.Errorf("%s: seen %+v", test.name, got)
			}
		}
		if n := len(b.seen.Sightings()); n != 2 {
			t.Errorf("%s: seen %d times", test.name, n)
		}
	}
}
