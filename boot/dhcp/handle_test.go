package dhcp

import (
	"bytes"
	"net/netip"
	"slices"
	"testing"

	"github.com/insomniacslk/dhcp/dhcpv4"

	"regain.example/boot"
)

func TestDiscoverOfferRequestAck(t *testing.T) {
	b := newBench(t, boot.Decision{})
	offer, to := b.send(t, discover(t, 1))
	if offer == nil || offer.MessageType() != dhcpv4.MessageTypeOffer || to != everyone() {
		t.Fatalf("got %v to %s", offer, to)
	}
	ack, to := b.send(t, accept(t, offer))
	if ack == nil || ack.MessageType() != dhcpv4.MessageTypeAck || to != everyone() {
		t.Fatalf("got %v to %s", ack, to)
	}
	if got := addr(ack.YourIPAddr); got != ip("10.77.0.100") || got != addr(offer.YourIPAddr) {
		t.Errorf("offered %s, acknowledged %s", offer.YourIPAddr, got)
	}
	if got := ack.IPAddressLeaseTime(0); got != leaseTime {
		t.Errorf("lease time %s", got)
	}
	if got := ack.SubnetMask().String(); got != "ffffff00" {
		t.Errorf("mask %s", got)
	}
	if addr(ack.ServerIdentifier()) != ip("10.77.0.1") || ack.BootFileName != "" || len(ack.Router()) != 0 {
		t.Errorf("to an operating system: %s", ack.Summary())
	}
	if got := b.seen.Stages(); !slices.Equal(got, []string{"52:54:00:00:00:01 offer", "52:54:00:00:00:01 address"}) {
		t.Errorf("observed %q", got)
	}
}

func TestRenewGoesToTheClientAlone(t *testing.T) {
	b := newBench(t, boot.Decision{})
	offer, _ := b.send(t, discover(t, 1))
	ack, _ := b.send(t, accept(t, offer))
	b.clock.pass(leaseTime / 2)
	renew, err := dhcpv4.NewRenewFromAck(ack)
	if err != nil {
		t.Fatal(err)
	}
	renew.OpCode = dhcpv4.OpcodeBootRequest
	again, to := b.send(t, renew)
	if again == nil || again.MessageType() != dhcpv4.MessageTypeAck || to != netip.MustParseAddrPort("10.77.0.100:68") {
		t.Fatalf("got %v to %s", again, to)
	}
	b.clock.pass(leaseTime * 3 / 4) // past the first lease's end
	if _, known := b.table.Client(ip("10.77.0.100")); !known {
		t.Error("the renewal did not prolong the lease")
	}
}

func TestForeignAddressIsRefused(t *testing.T) {
	b := newBench(t, boot.Decision{})
	offer, _ := b.send(t, discover(t, 1))
	b.send(t, accept(t, offer))

	for name, with := range map[string]dhcpv4.Modifier{
		"of another network": dhcpv4.WithOption(dhcpv4.OptRequestedIPAddress([]byte{192, 168, 1, 20})),
		"of another machine": dhcpv4.WithOption(dhcpv4.OptRequestedIPAddress([]byte{10, 77, 0, 100})),
		"of the server":      dhcpv4.WithOption(dhcpv4.OptRequestedIPAddress([]byte{10, 77, 0, 1})),
		"in use, not pool's": dhcpv4.WithClientIP([]byte{192, 168, 1, 20}),
		"none at all":        dhcpv4.WithoutOption(dhcpv4.OptionRequestedIPAddress),
	} {
		p := discover(t, 2, dhcpv4.WithMessageType(dhcpv4.MessageTypeRequest), with)
		nak, to := b.send(t, p)
		if nak == nil || nak.MessageType() != dhcpv4.MessageTypeNak || to != everyone() || !nak.IsBroadcast() {
			t.Errorf("%s: got %v to %s, want a NAK to everyone", name, nak, to)
		}
	}
}

func TestSilence(t *testing.T) {
	b := newBench(t, boot.Decision{})
	for name, with := range map[string]dhcpv4.Modifier{
		"relay unknown":      dhcpv4.WithGatewayIP([]byte{10, 99, 0, 2}),
		"relayed by us":      dhcpv4.WithGatewayIP([]byte{10, 77, 0, 1}),
		"our own probe":      dhcpv4.WithHwAddr(own()),
		"reply":              func(p *dhcpv4.DHCPv4) { p.OpCode = dhcpv4.OpcodeBootReply },
		"multicast hardware": dhcpv4.WithHwAddr([]byte{1, 0, 0x5e, 0, 0, 1}),
		"no hardware":        dhcpv4.WithHwAddr(nil),
		"no message type":    dhcpv4.WithoutOption(dhcpv4.OptionDHCPMessageType),
		"foreign server": func(p *dhcpv4.DHCPv4) {
			p.UpdateOption(dhcpv4.OptMessageType(dhcpv4.MessageTypeRequest))
			p.UpdateOption(dhcpv4.OptServerIdentifier([]byte{10, 77, 0, 9}))
		},
	} {
		if reply, to := b.send(t, discover(t, 1, with)); reply != nil {
			t.Errorf("%s: answered %s to %s", name, reply.Summary(), to)
		}
	}
}

func TestReleaseFreesTheAddress(t *testing.T) {
	b := newBench(t, boot.Decision{})
	offer, _ := b.send(t, discover(t, 1))
	ack, _ := b.send(t, accept(t, offer))
	stranger := discover(t, 2, dhcpv4.WithMessageType(dhcpv4.MessageTypeRelease), dhcpv4.WithClientIP(ack.YourIPAddr))
	b.send(t, stranger)
	if _, known := b.table.Client(ip("10.77.0.100")); !known {
		t.Fatal("a machine released another's address")
	}
	b.send(t, discover(t, 1, dhcpv4.WithMessageType(dhcpv4.MessageTypeRelease), dhcpv4.WithClientIP(ack.YourIPAddr)))
	if _, known := b.table.Client(ip("10.77.0.100")); known {
		t.Error("the released address is still the machine's")
	}
}

func TestInformGetsNoLease(t *testing.T) {
	b := newBench(t, boot.Decision{})
	ack, to := b.send(t, discover(t, 1, dhcpv4.WithMessageType(dhcpv4.MessageTypeInform), dhcpv4.WithClientIP([]byte{10, 77, 0, 50})))
	if ack == nil || !addr(ack.YourIPAddr).IsUnspecified() || ack.IPAddressLeaseTime(0) != 0 || to != netip.MustParseAddrPort("10.77.0.50:68") {
		t.Errorf("got %v to %s", ack, to)
	}
}

// FuzzHandle feeds the server whatever a network may carry. Besides not
// panicking it must never answer with another's address.
func FuzzHandle(f *testing.F) {
	seed, err := dhcpv4.NewDiscovery(mac(2))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed.ToBytes())
	seed.UpdateOption(dhcpv4.OptMessageType(dhcpv4.MessageTypeRequest))
	seed.UpdateOption(dhcpv4.OptRequestedIPAddress([]byte{10, 77, 0, 100}))
	seed.UpdateOption(dhcpv4.OptGeneric(dhcpv4.GenericOptionCode(optionIPXE), []byte{0, 0xb1, 200, 1}))
	seed.UpdateOption(dhcpv4.OptGeneric(dhcpv4.OptionUserClassInformation, []byte("iPXE")))
	f.Add(seed.ToBytes())
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, packet []byte) {
		b := newBench(t, boot.Decision{Action: boot.ActionLocalDisk})
		if err := b.table.Claim(client(1), ten(), ip("10.77.0.100")); err != nil {
			t.Fatal(err)
		}
		reply, _ := b.handle(t.Context(), packet, netip.AddrPort{})
		if reply == nil {
			return
		}
		if a := addr(reply.YourIPAddr); a == ip("10.77.0.100") && !bytes.Equal(reply.ClientHWAddr, mac(1)) {
			t.Errorf("%s is given another machine's address", reply.ClientHWAddr)
		}
		if len(reply.ToBytes()) > 1500 {
			t.Errorf("the reply has %d bytes", len(reply.ToBytes()))
		}
	})
}
