package dhcp

import (
	"bytes"
	"net/netip"
	"testing"

	"github.com/insomniacslk/dhcp/dhcpv4"

	"regain.example/boot"
)

// branch is a network behind a relay.
func branch() Network {
	return Network{Prefix: netip.MustParsePrefix("10.78.0.0/24"), Pool: pool("10.78.0.50", "10.78.0.59"), Router: ip("10.78.0.1")}
}

func newRelayed(t *testing.T) *bench {
	return newBenchWith(t, nobodysDecider(), func(c *Config) { c.Relays = []Network{branch()} })
}

var viaRelay = dhcpv4.WithGatewayIP([]byte{10, 78, 0, 1})

// circuit is option 82 as a switch adds it (RFC 3046 section 2.0): sub-option 1,
// the circuit, and 2, the switch.
var circuit = []byte{1, 6, 0, 4, 0, 10, 0, 3, 2, 8, 0, 6, 0x52, 0x54, 0, 1, 2, 3}

// TestRelay follows RFC 2131 section 4.1: everything goes back through the relay,
// with what the relay added.
func TestRelay(t *testing.T) {
	b := newRelayed(t)
	with := []dhcpv4.Modifier{viaRelay, dhcpv4.WithGeneric(dhcpv4.OptionRelayAgentInformation, circuit)}
	offer, to := b.send(t, discover(t, 1, with...))
	relay := netip.MustParseAddrPort("10.78.0.1:67")
	if offer == nil || to != relay || addr(offer.YourIPAddr) != ip("10.78.0.50") {
		t.Fatalf("got %v to %s", offer, to)
	}
	ack, to := b.send(t, accept(t, offer, with...))
	if ack == nil || ack.MessageType() != dhcpv4.MessageTypeAck || to != relay {
		t.Fatalf("got %v to %s", ack, to)
	}
	if r := ack.Router(); len(r) != 1 || addr(r[0]) != ip("10.78.0.1") || ack.SubnetMask().String() != "ffffff00" || addr(ack.BroadcastAddress()) != ip("10.78.0.255") {
		t.Errorf("the network is told as %s", ack.Summary())
	}
	for _, reply := range []*dhcpv4.DHCPv4{offer, ack} {
		if got := reply.GetOneOption(dhcpv4.OptionRelayAgentInformation); !bytes.Equal(got, circuit) || addr(reply.GatewayIPAddr) != ip("10.78.0.1") {
			t.Errorf("option 82 came back as %x, giaddr as %s", got, reply.GatewayIPAddr)
		}
	}
	if len(b.lan.asked) != 0 {
		t.Errorf("probed %v, which is not on this network", b.lan.asked)
	}
	wrong := request1(t, 2, "10.77.0.100")
	viaRelay(wrong)
	nak, to := b.send(t, wrong)
	if nak == nil || nak.MessageType() != dhcpv4.MessageTypeNak || to != relay || !nak.IsBroadcast() {
		t.Errorf("the bench network's address, behind the relay: %v to %s", nak, to)
	}
}

// TestRenewalPastTheRelay: a renewal is unicast, so no relay sees it (RFC 2131
// section 4.3.2).
func TestRenewalPastTheRelay(t *testing.T) {
	b := newRelayed(t)
	offer, _ := b.send(t, discover(t, 1, viaRelay))
	b.send(t, accept(t, offer, viaRelay))
	renew := discover(t, 1, dhcpv4.WithMessageType(dhcpv4.MessageTypeRequest), dhcpv4.WithClientIP([]byte{10, 78, 0, 50}))
	ack, to := b.send(t, renew)
	if ack == nil || ack.MessageType() != dhcpv4.MessageTypeAck || to != netip.MustParseAddrPort("10.78.0.50:68") {
		t.Fatalf("got %v to %s", ack, to)
	}
	if r := ack.Router(); len(r) != 1 || addr(r[0]) != ip("10.78.0.1") {
		t.Errorf("routers %v", r)
	}
	viaRelay(renew) // rebinding is a broadcast, which the relay passes on
	if ack, to := b.send(t, renew); ack == nil || to != netip.MustParseAddrPort("10.78.0.1:67") {
		t.Errorf("rebinding: %v to %s", ack, to)
	}
}

// TestRelayOnTheBenchNetwork: a switch on the bench's own network that relays.
func TestRelayOnTheBenchNetwork(t *testing.T) {
	b := newBench(t, boot.Decision{})
	offer, to := b.send(t, discover(t, 1, dhcpv4.WithGatewayIP([]byte{10, 77, 0, 2})))
	if offer == nil || to != netip.MustParseAddrPort("10.77.0.2:67") || addr(offer.YourIPAddr) != ip("10.77.0.100") {
		t.Fatalf("got %v to %s", offer, to)
	}
	if b.lan.probed("10.77.0.100") != 1 {
		t.Error("offered without a probe")
	}
}

// TestAMachineMovesBehindARelay and back; it never holds two addresses.
func TestAMachineMovesBehindARelay(t *testing.T) {
	b := newRelayed(t)
	for _, step := range []struct {
		with []dhcpv4.Modifier
		want string
	}{{nil, "10.77.0.100"}, {[]dhcpv4.Modifier{viaRelay}, "10.78.0.50"}, {nil, "10.77.0.100"}} {
		offer, _ := b.send(t, discover(t, 1, step.with...))
		if offer == nil || addr(offer.YourIPAddr) != ip(step.want) {
			t.Fatalf("got %v, want %s", offer, step.want)
		}
		if ack, _ := b.send(t, accept(t, offer, step.with...)); ack == nil || ack.MessageType() != dhcpv4.MessageTypeAck {
			t.Fatalf("%s: %v", step.want, ack)
		}
	}
	if len(b.table.byAddr) != 1 {
		t.Errorf("%d addresses are held", len(b.table.byAddr))
	}
}
