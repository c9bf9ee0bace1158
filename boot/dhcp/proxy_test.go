package dhcp

import (
	"bytes"
	"net/netip"
	"testing"

	"github.com/insomniacslk/dhcp/dhcpv4"

	"regain.example/boot"
	"regain.example/boot/internal/boottest"
)

// site is a Proxy with what it told its neighbours. The site's own server is
// 10.77.0.2.
type site struct {
	*Proxy
	*bench
}

func newSite(t *testing.T) *site {
	t.Helper()
	b := newBench(t, boot.Decision{Action: boot.ActionAgent})
	table, err := OpenTable(leaseFile(t), leaseTime, b.clock.Now)
	if err != nil {
		t.Fatal(err)
	}
	c := config()
	c.Pool = Pool{}
	return &site{NewProxy(c, table, b.needs(t, nobodysDecider())), b}
}

// send hands the proxy a packet that was broadcast to port 67.
func (s *site) send(t *testing.T, p *dhcpv4.DHCPv4) (*dhcpv4.DHCPv4, netip.AddrPort) {
	t.Helper()
	return asSent(t)(s.Proxy.handle(t.Context(), p.ToBytes(), netip.AddrPort{}))
}

// ask hands the proxy a packet that was sent to port 4011.
func (s *site) ask(t *testing.T, p *dhcpv4.DHCPv4, from string) (*dhcpv4.DHCPv4, netip.AddrPort) {
	t.Helper()
	return asSent(t)(s.Proxy.handleBoot(t.Context(), p.ToBytes(), netip.MustParseAddrPort(from)))
}

// takes is the broadcast by which machine last takes the site's offer.
func takes(t *testing.T, last byte, wanted string, with ...dhcpv4.Modifier) *dhcpv4.DHCPv4 {
	t.Helper()
	p := request1(t, last, wanted)
	p.UpdateOption(dhcpv4.OptServerIdentifier([]byte{10, 77, 0, 2}))
	for _, m := range with {
		m(p)
	}
	return p
}

var (
	pxeClass  = class("PXEClient:Arch:00000:UNDI:002001")
	httpClass = class("HTTPClient:Arch:00016:UNDI:003001")
)

// What clients accept: PXE 2.1 section 2.2.3 and table 2-1 (option 43), EDK2's
// PxeBcDhcp4.c and HttpBootDhcp4.c, iPXE's dhcp.c.
func TestProxyOffer(t *testing.T) {
	s := newSite(t)
	s.ways[boot.ArchEFI64], s.ways[boot.ArchEFI64HTTP] = boot.ChainShim, boot.ChainImage
	for _, test := range []struct {
		name   string
		with   []dhcpv4.Modifier
		file   string // "" for silence
		class  string
		vendor []byte
	}{
		{"BIOS ROM", []dhcpv4.Modifier{pxeClass, arch(0)}, "undionly.kpxe", "PXEClient", []byte{6, 1, 8, 255}},
		// No discovery control: EDK2 would drop the offer.
		{"UEFI", []dhcpv4.Modifier{pxeClass, arch(7)}, "shimx64.efi", "PXEClient", nil},
		{"HTTP Boot", []dhcpv4.Modifier{httpClass, arch(16)}, s.Proxy.config.Scripts.ImageURL(), "HTTPClient", nil},
		{"iPXE", []dhcpv4.Modifier{pxeClass, arch(0), ipxe(0x13, 1, 1)}, url + "boot.ipxe", "PXEClient", nil},
		{"operating system", nil, "", "", nil},
		{"Windows", []dhcpv4.Modifier{class("MSFT 5.0")}, "", "", nil},
		{"the agent's system", []dhcpv4.Modifier{class("Regain")}, "", "", nil},
		{"ARM", []dhcpv4.Modifier{pxeClass, arch(11)}, "", "", nil},
	} {
		id := append([]byte{0}, bytes.Repeat([]byte{7}, 16)...)
		p := discover(t, 1, append(test.with, dhcpv4.WithGeneric(dhcpv4.OptionClientMachineIdentifier, id))...)
		offer, to := s.send(t, p)
		if test.file == "" {
			if offer != nil {
				t.Errorf("%s: answered %s", test.name, offer.Summary())
			}
			continue
		}
		if offer == nil || offer.MessageType() != dhcpv4.MessageTypeOffer || to != everyone() {
			t.Errorf("%s: got %v to %s", test.name, offer, to)
			continue
		}
		if !addr(offer.YourIPAddr).IsUnspecified() || offer.IPAddressLeaseTime(0) != 0 || offer.SubnetMask() != nil {
			t.Errorf("%s: the proxy gives an address: %s", test.name, offer.Summary())
		}
		if addr(offer.ServerIPAddr) != ip("10.77.0.1") || addr(offer.ServerIdentifier()) != ip("10.77.0.1") || offer.BootFileName != test.file {
			t.Errorf("%s: names %s at %s", test.name, offer.BootFileName, offer.ServerIPAddr)
		}
		if offer.ClassIdentifier() != test.class || !bytes.Equal(offer.GetOneOption(dhcpv4.OptionVendorSpecificInformation), test.vendor) {
			t.Errorf("%s: class %q, option 43 %x", test.name, offer.ClassIdentifier(), offer.GetOneOption(dhcpv4.OptionVendorSpecificInformation))
		}
		if !bytes.Equal(offer.GetOneOption(dhcpv4.OptionClientMachineIdentifier), id) {
			t.Errorf("%s: option 97 is not echoed", test.name)
		}
	}
}

// TestProxySendsNoFinishedMachineToShim: GRUB would not find its configuration.
func TestProxySendsNoFinishedMachineToShim(t *testing.T) {
	s := newSite(t)
	s.Proxy.decider = boottest.Always(boot.Decision{Action: boot.ActionLocalDisk})
	if offer, _ := s.send(t, discover(t, 1, pxeClass, arch(7))); offer == nil || offer.BootFileName != boot.FileUEFI {
		t.Errorf("got %v", offer)
	}
}

// TestProxyLearns whose address is whose, from what machines tell everyone.
func TestProxyLearns(t *testing.T) {
	s := newSite(t)
	reply, _ := s.send(t, takes(t, 1, "10.77.0.210", pxeClass, arch(7)))
	if reply != nil {
		t.Errorf("answered %s to a request for the site's server", reply.Summary())
	}
	if c, known := s.Proxy.table.Client(ip("10.77.0.210")); !known || c.MAC.String() != mac(1).String() || c.Arch != boot.ArchEFI64 {
		t.Errorf("got %+v, %v", c, known)
	}
	if got := s.last(t); got.Stage != boot.StageAddress || got.By != boot.AskerFirmware || got.Detail != "from the DHCP server 10.77.0.2" || got.Client.Addr != ip("10.77.0.210") {
		t.Errorf("seen %+v", got)
	}
	// Its system gets another address, since it sends another client identifier.
	s.send(t, takes(t, 1, "10.77.0.211"))
	if c, known := s.Proxy.table.Client(ip("10.77.0.211")); !known || c.Arch != boot.ArchEFI64 {
		t.Errorf("the system's address: %+v, %v", c, known)
	}
	if _, known := s.Proxy.table.Client(ip("10.77.0.210")); known {
		t.Error("the machine is still known by its former address")
	}
	// The site's server gives the address to another machine.
	s.send(t, takes(t, 2, "10.77.0.211", pxeClass, arch(0)))
	if c, _ := s.Proxy.table.Client(ip("10.77.0.211")); c.MAC.String() != mac(2).String() {
		t.Errorf("the address is still %s's", c.MAC)
	}
	after, err := OpenTable(s.Proxy.table.file, leaseTime, s.clock.Now)
	if err != nil {
		t.Fatal(err)
	}
	if c, known := after.Client(ip("10.77.0.211")); !known || c.MAC.String() != mac(2).String() {
		t.Errorf("after a restart: %+v, %v", c, known)
	}
}

func TestProxyPassesOver(t *testing.T) {
	s := newSite(t)
	for name, p := range map[string]*dhcpv4.DHCPv4{
		"an office PC":         takes(t, 1, "10.77.0.210"),
		"another network":      takes(t, 2, "192.168.1.20", pxeClass),
		"our own address":      takes(t, 3, "10.77.0.1", pxeClass),
		"no address":           takes(t, 4, "0.0.0.0", pxeClass),
		"multicast":            takes(t, 5, "239.0.0.1", pxeClass),
		"a release":            takes(t, 6, "10.77.0.212", pxeClass, dhcpv4.WithMessageType(dhcpv4.MessageTypeRelease)),
		"an office PC informs": takes(t, 7, "10.77.0.213", dhcpv4.WithMessageType(dhcpv4.MessageTypeInform), dhcpv4.WithClientIP([]byte{10, 77, 0, 213})),
	} {
		if reply, _ := s.send(t, p); reply != nil {
			t.Errorf("%s: answered %s", name, reply.Summary())
		}
	}
	if n := len(s.Proxy.table.byMAC); n != 0 || len(s.seen.Stages()) != 0 {
		t.Errorf("%d machines were noted, seen %v", n, s.seen.Stages())
	}
}

// TestBootServer is port 4011 (PXE 2.1 section 2.2.5).
func TestBootServer(t *testing.T) {
	s := newSite(t)
	s.ways[boot.ArchEFI64] = boot.ChainShim
	ask := func(with ...dhcpv4.Modifier) *dhcpv4.DHCPv4 {
		p := discover(t, 1, append([]dhcpv4.Modifier{pxeClass, arch(7), dhcpv4.WithClientIP([]byte{10, 77, 0, 210})}, with...)...)
		p.UpdateOption(dhcpv4.OptMessageType(dhcpv4.MessageTypeRequest))
		return p
	}
	ack, to := s.ask(t, ask(), "10.77.0.210:4011")
	if ack == nil || ack.MessageType() != dhcpv4.MessageTypeAck || to != netip.MustParseAddrPort("10.77.0.210:4011") {
		t.Fatalf("got %v to %s", ack, to)
	}
	if ack.BootFileName != "shimx64.efi" || ack.ClassIdentifier() != "PXEClient" || !addr(ack.YourIPAddr).IsUnspecified() || addr(ack.ServerIPAddr) != ip("10.77.0.1") {
		t.Errorf("got %s", ack.Summary())
	}
	if c, known := s.Proxy.table.Client(ip("10.77.0.210")); !known || c.MAC.String() != mac(1).String() {
		t.Errorf("learned %+v, %v", c, known)
	}
	item := []byte{71, 4, 0, 0, 0, 0, 255}
	ack, _ = s.ask(t, ask(dhcpv4.WithGeneric(dhcpv4.OptionVendorSpecificInformation, item)), "10.77.0.210:68")
	if got := ack.GetOneOption(dhcpv4.OptionVendorSpecificInformation); !bytes.Equal(got, item) {
		t.Errorf("the boot item came back as %x", got)
	}
	for name, test := range map[string]struct {
		p    *dhcpv4.DHCPv4
		from string
	}{
		"from another address":  {ask(), "10.77.0.211:4011"},
		"a discover":            {ask(dhcpv4.WithMessageType(dhcpv4.MessageTypeDiscover)), "10.77.0.210:4011"},
		"an operating system":   {ask(class("MSFT 5.0")), "10.77.0.210:4011"},
		"firmware of HTTP Boot": {ask(httpClass), "10.77.0.210:4011"},
		"another network":       {ask(dhcpv4.WithClientIP([]byte{192, 168, 1, 20})), "192.168.1.20:4011"},
		"ARM":                   {ask(arch(11)), "10.77.0.210:4011"},
	} {
		if name == "a discover" {
			test.p.UpdateOption(dhcpv4.OptMessageType(dhcpv4.MessageTypeDiscover))
		}
		if reply, to := s.ask(t, test.p, test.from); reply != nil {
			t.Errorf("%s: answered %s to %s", name, reply.Summary(), to)
		}
	}
	if _, known := s.Proxy.table.Client(ip("10.77.0.211")); known {
		t.Error("the proxy believes an address that the packet did not come from")
	}
}

// TestProxyBehindARelay: its answers go the way that the question came.
func TestProxyBehindARelay(t *testing.T) {
	s := newSite(t)
	offer, to := s.send(t, discover(t, 1, pxeClass, arch(0), dhcpv4.WithGatewayIP([]byte{10, 99, 0, 1})))
	if offer == nil || to != netip.MustParseAddrPort("10.99.0.1:67") {
		t.Errorf("got %v to %s", offer, to)
	}
}

// TestNotedMachinesAreBounded: a flood of made-up addresses fills no memory.
func TestNotedMachinesAreBounded(t *testing.T) {
	s := newSite(t)
	table := s.Proxy.table
	for i := range maxNoted + 100 {
		c := boot.Client{MAC: []byte{2, 0, 0, byte(i >> 16), byte(i >> 8), byte(i)}}
		table.note(c, netip.AddrFrom4([4]byte{10, 77, byte(i >> 8), byte(i)}))
		s.clock.pass(1)
	}
	if len(table.byMAC) != maxNoted || len(table.byAddr) != maxNoted {
		t.Errorf("%d machines and %d addresses are remembered", len(table.byMAC), len(table.byAddr))
	}
	if table.Knows([]byte{2, 0, 0, 0, 0, 0}) {
		t.Error("the one seen first is not the one that was forgotten")
	}
}

// FuzzBootServer feeds port 4011 whatever a network may carry.
func FuzzBootServer(f *testing.F) {
	p, err := dhcpv4.NewDiscovery(mac(2), pxeClass, arch(7), dhcpv4.WithClientIP([]byte{10, 77, 0, 210}))
	if err != nil {
		f.Fatal(err)
	}
	p.UpdateOption(dhcpv4.OptMessageType(dhcpv4.MessageTypeRequest))
	f.Add(p.ToBytes())
	p.UpdateOption(dhcpv4.OptGeneric(dhcpv4.OptionVendorSpecificInformation, []byte{71, 4, 0, 0, 0, 0, 6, 200}))
	f.Add(p.ToBytes())
	f.Add([]byte{})
	from := netip.MustParseAddrPort("10.77.0.210:4011")
	f.Fuzz(func(t *testing.T, packet []byte) {
		reply, to := newSite(t).Proxy.handleBoot(t.Context(), packet, from)
		if reply == nil {
			return
		}
		if to != from || !addr(reply.YourIPAddr).IsUnspecified() {
			t.Errorf("answered to %s with %s", to, reply.YourIPAddr)
		}
		if size := len(reply.ToBytes()); size > maxPacket {
			t.Errorf("the reply has %d bytes", size)
		}
	})
}
