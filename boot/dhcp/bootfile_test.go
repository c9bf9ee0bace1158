package dhcp

import (
	"errors"
	"testing"

	"github.com/insomniacslk/dhcp/dhcpv4"

	"regain.example/boot"
	"regain.example/boot/internal/boottest"
)

// The option bytes are those of RFC 4578 section 2 and of what QEMU's iPXE ROM
// and EDK2 were seen to send.
func arch(n byte) dhcpv4.Modifier {
	return dhcpv4.WithGeneric(dhcpv4.OptionClientSystemArchitectureType, []byte{0, n})
}

func class(s string) dhcpv4.Modifier { return dhcpv4.WithOption(dhcpv4.OptClassIdentifier(s)) }

func ipxe(features ...byte) dhcpv4.Modifier {
	return func(p *dhcpv4.DHCPv4) {
		p.UpdateOption(dhcpv4.OptGeneric(dhcpv4.OptionUserClassInformation, []byte("iPXE")))
		p.UpdateOption(dhcpv4.OptGeneric(dhcpv4.GenericOptionCode(175), features))
	}
}

const url = "http://10.77.0.1/"

func TestBootFile(t *testing.T) {
	pxe, http := class("PXEClient:Arch:00000:UNDI:002001"), class("HTTPClient:Arch:00016:UNDI:003001")
	for _, test := range []struct {
		name          string
		with          []dhcpv4.Modifier
		agent, itself string // what is named for ActionAgent, ActionLocalDisk
	}{
		{"BIOS ROM", []dhcpv4.Modifier{pxe, arch(0)}, "undionly.kpxe", "undionly.kpxe"},
		{"BIOS ROM without option 93", []dhcpv4.Modifier{pxe}, "undionly.kpxe", "undionly.kpxe"},
		{"UEFI", []dhcpv4.Modifier{pxe, arch(7)}, "snponly.efi", "shimx64.efi"},
		{"UEFI as EBC", []dhcpv4.Modifier{pxe, arch(9)}, "snponly.efi", "shimx64.efi"},
		{"UEFI HTTP Boot", []dhcpv4.Modifier{http, arch(16)}, url + "boot/snponly.efi", url + "boot/snponly.efi"},
		{"UEFI 32-bit", []dhcpv4.Modifier{pxe, arch(6)}, "", ""},
		{"ARM", []dhcpv4.Modifier{pxe, arch(11)}, "", ""},
		{"iPXE", []dhcpv4.Modifier{pxe, arch(0), ipxe(0xb1, 1, 9, 0x13, 1, 1)}, url + "boot.ipxe", url + "boot.ipxe"},
		{"iPXE on UEFI", []dhcpv4.Modifier{pxe, arch(7), ipxe(0x13, 1, 1, 0x24, 1, 1)}, url + "boot.ipxe", url + "boot.ipxe"},
		{"iPXE ROM without HTTP", []dhcpv4.Modifier{pxe, arch(0), ipxe(0x15, 1, 1, 0xb1, 2, 0x13, 1)}, "undionly.kpxe", "undionly.kpxe"},
		{"iPXE with a broken option", []dhcpv4.Modifier{pxe, arch(0), ipxe(0xb1, 200)}, "undionly.kpxe", "undionly.kpxe"},
		{"operating system", nil, "", ""},
	} {
		for action, want := range map[boot.Action]string{boot.ActionAgent: test.agent, boot.ActionLocalDisk: test.itself, boot.ActionNone: test.agent} {
			b := newBench(t, boot.Decision{Action: action})
			offer, _ := b.send(t, discover(t, 1, test.with...))
			if offer == nil || offer.BootFileName != want || offer.BootFileNameOption() != want {
				t.Errorf("%s, action %d: got %v, want the file %q", test.name, action, offer, want)
			}
		}
	}
}

func TestFailingDeciderLeavesTheLoader(t *testing.T) {
	b := newBench(t, boot.Decision{})
	b.answerer.decider = boottest.Decider(func(boot.Client) (boot.Decision, error) { return boot.Decision{}, errors.New("the store is closed") })
	offer, _ := b.send(t, discover(t, 1, class("PXEClient"), arch(7)))
	if offer.BootFileName != boot.FileUEFI {
		t.Errorf("got %q", offer.BootFileName)
	}
}

func TestHTTPClientIsEchoed(t *testing.T) {
	b := newBench(t, boot.Decision{})
	offer, _ := b.send(t, discover(t, 1, class("HTTPClient:Arch:00016"), arch(16)))
	if offer.ClassIdentifier() != "HTTPClient" {
		t.Errorf("option 60 is %q", offer.ClassIdentifier())
	}
	offer, _ = b.send(t, discover(t, 1, class("PXEClient"), arch(7)))
	if offer.GetOneOption(dhcpv4.OptionClassIdentifier) != nil {
		t.Errorf("option 60 to a PXE client: %q", offer.ClassIdentifier())
	}
}

// RFC 4578 section 2.3; the expected text is what dmidecode prints for a machine
// whose SMBIOS table holds these bytes (QEMU -smbios type=1,uuid=...).
func TestUUIDByteOrder(t *testing.T) {
	b := newBench(t, boot.Decision{Action: boot.ActionLocalDisk})
	var asked boot.Client
	b.answerer.decider = boottest.Decider(func(c boot.Client) (boot.Decision, error) { asked = c; return boot.Decision{}, nil })
	guid := []byte{0, 0x33, 0x22, 0x11, 0x00, 0x55, 0x44, 0x77, 0x66, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff}
	offer, _ := b.send(t, discover(t, 1, class("PXEClient"), arch(7), dhcpv4.WithGeneric(dhcpv4.OptionClientMachineIdentifier, guid)))
	if asked.UUID != "00112233-4455-6677-8899-aabbccddeeff" || asked.MAC.String() != "52:54:00:00:00:01" || asked.Addr != ip("10.77.0.100") {
		t.Errorf("the decider was asked about %+v", asked)
	}
	if got := offer.GetOneOption(dhcpv4.OptionClientMachineIdentifier); string(got) != string(guid) {
		t.Errorf("option 97 came back as %x", got)
	}
	for _, bad := range [][]byte{nil, {0}, guid[:16], append([]byte{1}, guid[1:]...)} {
		if got := uuid(bad); got != "" {
			t.Errorf("uuid(%x) = %q", bad, got)
		}
	}
}
