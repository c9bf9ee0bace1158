package dhcp

import (
	"net/netip"
	"testing"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"

	"regain.example/boot"
)

// invented is the n-th hardware address that a flooding device makes up.
func invented(n int) dhcpv4.Modifier {
	return dhcpv4.WithHwAddr([]byte{2, 9, 0, byte(n >> 16), byte(n >> 8), byte(n)})
}

// TestFloodOfStrangers: a device that invents hardware addresses gets so many
// offers in a second and no more; machines that are known are served all the
// while, and everybody once it has stopped.
func TestFloodOfStrangers(t *testing.T) {
	b := newBenchWith(t, nobodysDecider(), func(c *Config) { c.Pool = pool("10.77.0.100", "10.77.0.250") })
	offer, _ := b.send(t, discover(t, 1))
	b.send(t, accept(t, offer))
	b.clock.pass(leaseTime) // known, though its lease has ended
	offers := 0
	for n := range 2000 {
		if offer, _ := b.send(t, discover(t, 9, invented(n))); offer != nil {
			offers++
		}
	}
	if offers > 151 {
		t.Errorf("%d offers of 151 addresses", offers)
	}
	dropped := 0
	for _, c := range b.seen.Counts() {
		if c == "dhcp dropped" {
			dropped++
		}
	}
	if want := 2000 - strangersBurst; dropped < want {
		t.Errorf("%d were dropped and counted, want %d or more", dropped, want)
	}
	if n := len(b.table.byMAC); n > 151 {
		t.Errorf("%d machines are remembered", n)
	}
	b.clock.pass(offerTime)
	if offer, _ := b.send(t, discover(t, 2)); offer == nil {
		t.Error("the flood drained the pool for ever")
	}
}

// TestFloodOfRequests: requests without an offer are no way around.
func TestFloodOfRequests(t *testing.T) {
	b := newBenchWith(t, nobodysDecider(), func(c *Config) {
		c.Address, c.Pool = netip.MustParsePrefix("10.77.0.1/16"), pool("10.77.1.0", "10.77.15.0")
	})
	b.table.file = "/proc/no-such-directory/x" // each that comes so far fails quickly
	for n := range 1000 {
		p := discover(t, 9, invented(n), dhcpv4.WithMessageType(dhcpv4.MessageTypeRequest))
		p.UpdateOption(dhcpv4.OptRequestedIPAddress([]byte{10, 77, byte(1 + n>>8), byte(n)}))
		b.send(t, p)
	}
	if n := len(b.lan.asked); n > strangersBurst {
		t.Errorf("%d addresses were probed", n)
	}
}

// TestAKnownMachineIsServedInAFlood.
func TestAKnownMachineIsServedInAFlood(t *testing.T) {
	b := newBenchWith(t, nobodysDecider(), func(c *Config) {
		c.Address, c.Pool = netip.MustParsePrefix("10.77.0.1/16"), pool("10.77.1.0", "10.77.15.0")
	})
	offer, _ := b.send(t, discover(t, 1))
	b.send(t, accept(t, offer))
	for n := range 2 * strangersBurst {
		b.send(t, discover(t, 9, invented(n)))
	}
	if offer, _ := b.send(t, discover(t, 2)); offer != nil {
		t.Error("no limit is left to be seen")
	}
	if offer, _ := b.send(t, discover(t, 1)); offer == nil {
		t.Error("the flood shuts out a machine that is known")
	}
	b.clock.pass(time.Second)
	if offer, _ := b.send(t, discover(t, 2)); offer == nil {
		t.Error("a second later a new machine is still shut out")
	}
}

// TestOversizedOptions are not echoed: the reply would not fit.
func TestOversizedOptions(t *testing.T) {
	for _, code := range []dhcpv4.OptionCode{dhcpv4.OptionClientIdentifier, dhcpv4.OptionClientMachineIdentifier, dhcpv4.OptionRelayAgentInformation} {
		b := newBench(t, boot.Decision{})
		if reply, _ := b.send(t, discover(t, 1, pxeClass, dhcpv4.WithGeneric(code, make([]byte, maxOption+1)))); reply != nil {
			t.Errorf("%s: answered", code)
		}
	}
}

func FuzzSubOption(f *testing.F) {
	f.Add([]byte{6, 1, 8, 71, 4, 0, 0, 0, 0, 255}, byte(71))
	f.Add([]byte{0, 0, 0xb1, 200, 1}, byte(0x13))
	f.Add([]byte{71}, byte(71))
	f.Fuzz(func(t *testing.T, b []byte, code byte) {
		if v := subOption(b, code); len(v) > len(b)-2 && v != nil {
			t.Errorf("%x: %x", b, v)
		}
		uuid(b)
	})
}

// FuzzRival feeds the search for other servers what may come to port 68.
func FuzzRival(f *testing.F) {
	id := dhcpv4.TransactionID{1, 2, 3, 4}
	p := &dhcpv4.DHCPv4{OpCode: dhcpv4.OpcodeBootReply, TransactionID: id, ClientHWAddr: mac(1)}
	f.Add(p.ToBytes())
	p.UpdateOption(dhcpv4.OptMessageType(dhcpv4.MessageTypeOffer))
	p.UpdateOption(dhcpv4.OptServerIdentifier([]byte{10, 77, 0, 9}))
	f.Add(p.ToBytes())
	from := netip.MustParseAddr("10.77.0.2")
	f.Fuzz(func(t *testing.T, packet []byte) {
		if server := rival(packet, from, id); server.IsValid() && (!server.Is4() || server.IsUnspecified()) {
			t.Errorf("a rival at %s", server)
		}
	})
}

func TestRival(t *testing.T) {
	id, from := dhcpv4.TransactionID{1, 2, 3, 4}, ip("10.77.0.2")
	server9 := dhcpv4.WithOption(dhcpv4.OptServerIdentifier([]byte{10, 77, 0, 9}))
	relayed := dhcpv4.WithGatewayIP([]byte{10, 77, 0, 2})
	next := func(p *dhcpv4.DHCPv4) { p.ServerIPAddr = []byte{10, 77, 0, 8} }
	offered := dhcpv4.WithMessageType(dhcpv4.MessageTypeOffer)
	for name, test := range map[string]struct {
		with []dhcpv4.Modifier
		want string
	}{
		"server":                   {[]dhcpv4.Modifier{offered, server9}, "10.77.0.9"},
		"through a relay":          {[]dhcpv4.Modifier{offered, server9, relayed}, "10.77.0.9"},
		"through a relay, unnamed": {[]dhcpv4.Modifier{offered, relayed, next}, "10.77.0.8"},
		"unnamed":                  {[]dhcpv4.Modifier{offered, next}, "10.77.0.2"},
		"BOOTP":                    {nil, "10.77.0.2"},
		"refusal":                  {[]dhcpv4.Modifier{dhcpv4.WithMessageType(dhcpv4.MessageTypeNak), server9}, ""},
		"another's question":       {[]dhcpv4.Modifier{offered, server9, dhcpv4.WithTransactionID(dhcpv4.TransactionID{9})}, ""},
		"a question":               {[]dhcpv4.Modifier{offered, server9, func(p *dhcpv4.DHCPv4) { p.OpCode = dhcpv4.OpcodeBootRequest }}, ""},
	} {
		p := &dhcpv4.DHCPv4{OpCode: dhcpv4.OpcodeBootReply, TransactionID: id, ClientHWAddr: mac(1)}
		for _, m := range test.with {
			m(p)
		}
		want := netip.Addr{}
		if test.want != "" {
			want = ip(test.want)
		}
		if got := rival(p.ToBytes(), from, id); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	l := look{own: []netip.Addr{ip("10.77.0.1")}}
	for _, a := range []string{"10.77.0.1", "10.77.0.9", "10.77.0.9"} {
		l.add(ip(a))
	}
	if len(l.found) != 1 || l.found[0] != ip("10.77.0.9") {
		t.Errorf("found %v", l.found)
	}
}

// TestFloodOfLeases: a device that takes every address keeps the others out for a
// minute and not for the length of a lease. What is used stays its holder's.
func TestFloodOfLeases(t *testing.T) {
	b := newBenchWith(t, nobodysDecider(), func(c *Config) { c.Pool = pool("10.77.0.100", "10.77.0.119") })
	take := func(what ...dhcpv4.Modifier) netip.Addr {
		t.Helper()
		offer, _ := b.send(t, discover(t, 9, what...))
		if offer == nil {
			return netip.Addr{}
		}
		ack, _ := b.send(t, accept(t, offer, what...))
		return addr(ack.YourIPAddr)
	}
	fetches, renews := take(invented(1000)), take(invented(1001))
	if _, known := b.table.Client(fetches); !known {
		t.Fatal("no lease")
	}
	if again := take(invented(1001)); again != renews {
		t.Fatalf("%s after %s", again, renews)
	}
	for n := range 18 {
		if !take(invented(n)).IsValid() {
			t.Fatalf("no address for machine %d of the flood", n)
		}
	}
	if got := take(invented(2000)); got.IsValid() {
		t.Fatalf("%s, with the pool full", got)
	}
	b.clock.pass(idleTime)
	for n := range 18 {
		if got := take(invented(3000 + n)); !got.IsValid() || got == fetches || got == renews {
			t.Errorf("machine %d after the flood: %s", n, got)
		}
	}
	if got := take(invented(4000)); got.IsValid() {
		t.Errorf("%s was taken from a machine that uses it", got)
	}
}

// TestALeaseFromTheDiskIsNotTaken: nothing is known of what its holder does.
func TestALeaseFromTheDiskIsNotTaken(t *testing.T) {
	l := Lease{Addr: ip("10.77.0.100"), given: time.Unix(0, 0)}
	if !l.idle(time.Unix(61, 0)) || l.idle(time.Unix(59, 0)) {
		t.Error("a minute is not a minute")
	}
	b := newBenchWith(t, nobodysDecider(), func(c *Config) { c.Pool = pool("10.77.0.100", "10.77.0.100") })
	offer, _ := b.send(t, discover(t, 1))
	b.send(t, accept(t, offer))
	again, err := OpenTable(b.table.file, leaseTime, b.clock.Now, b.table.pools...)
	if err != nil {
		t.Fatal(err)
	}
	b.clock.pass(2 * idleTime)
	if a, err := again.Offer(boot.Client{MAC: mac(2)}, b.table.pools[0], netip.Addr{}); err == nil {
		t.Errorf("%s was taken from a machine of which nothing is known", a)
	}
}
