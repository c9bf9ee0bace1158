package dhcp

import (
	"context"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"

	"regain.example/boot"
	"regain.example/boot/arp"
	"regain.example/boot/bind"
	"regain.example/boot/internal/benchnet"
)

// dnsmasq runs a real DHCP server at the far end, as 10.77.0.2, until stop is
// called or the test ends.
func dnsmasq(t *testing.T, n *benchnet.Net) (stop func()) {
	t.Helper()
	dir := t.TempDir()
	cmd := exec.Command("dnsmasq", "--no-daemon", "--conf-file=/dev/null", "--port=0", "--user=root", "--no-ping",
		"--interface="+benchnet.Far, "--bind-interfaces", "--dhcp-authoritative",
		"--dhcp-range=10.77.0.200,10.77.0.220,255.255.255.0,1h",
		"--dhcp-leasefile="+filepath.Join(dir, "leases"), "--pid-file="+filepath.Join(dir, "pid"))
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	var said strings.Builder
	cmd.Stderr = &said
	n.AtBench(func() {
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
	})
	once := sync.OnceFunc(func() {
		cmd.Process.Kill()
		cmd.Wait()
		if t.Failed() {
			t.Logf("dnsmasq: %s", said.String())
		}
	})
	t.Cleanup(once)
	return once
}

// run runs f until the test ends.
func run(t *testing.T, f func(ctx context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- f(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func benchSocket(t *testing.T, addr string) *net.UDPConn {
	t.Helper()
	conn, err := bind.UDP(benchnet.Bench, netip.MustParseAddrPort(addr))
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

// answers returns every reply to p that comes within wait.
func answers(t *testing.T, conn *net.UDPConn, p *dhcpv4.DHCPv4, to string, wait time.Duration) []*dhcpv4.DHCPv4 {
	t.Helper()
	if _, err := conn.WriteToUDPAddrPort(p.ToBytes(), netip.MustParseAddrPort(to)); err != nil {
		t.Fatal(err)
	}
	conn.SetReadDeadline(time.Now().Add(wait))
	var all []*dhcpv4.DHCPv4
	buf := make([]byte, maxPacket)
	for {
		size, _, err := conn.ReadFromUDPAddrPort(buf)
		if err != nil {
			return all
		}
		if r, err := dhcpv4.FromBytes(buf[:size]); err == nil && r.OpCode == dhcpv4.OpcodeBootReply && r.TransactionID == p.TransactionID {
			all = append(all, r)
		}
	}
}

// from returns the reply of one server.
func from(all []*dhcpv4.DHCPv4, server string) *dhcpv4.DHCPv4 {
	for _, r := range all {
		if addr(r.ServerIdentifier()) == ip(server) {
			return r
		}
	}
	return nil
}

// TestProxyBesideDnsmasq walks a UEFI machine as EDK2 does it: two offers, the
// address from one server, the file from the other by port 4011. Its operating
// system hears of one server only.
func TestProxyBesideDnsmasq(t *testing.T) {
	n := benchnet.New(t)
	n.Address(netip.MustParsePrefix("10.77.0.2/24"))
	dnsmasq(t, n)
	s := newSite(t)
	s.ways[boot.ArchEFI64] = boot.ChainShim
	conn, bootConn := benchSocket(t, "0.0.0.0:67"), benchSocket(t, "10.77.0.1:4011")
	run(t, func(ctx context.Context) error { return s.Proxy.Serve(ctx, conn) })
	run(t, func(ctx context.Context) error { return s.Proxy.ServeBoot(ctx, bootConn) })
	var at *net.UDPConn
	n.AtBench(func() { at = farSocket(t) })
	defer at.Close()

	firmware := []dhcpv4.Modifier{pxeClass, arch(7), dhcpv4.WithBroadcast(true)}
	var offers []*dhcpv4.DHCPv4
	for tries := 0; tries < 10 && (from(offers, "10.77.0.2") == nil || from(offers, "10.77.0.1") == nil); tries++ {
		offers = answers(t, at, discover(t, 1, firmware...), "255.255.255.255:67", time.Second)
	}
	address, file := from(offers, "10.77.0.2"), from(offers, "10.77.0.1")
	if address == nil || file == nil || len(offers) != 2 {
		t.Fatalf("offers: %v", offers)
	}
	given := addr(address.YourIPAddr)
	acks := answers(t, at, accept(t, address, firmware...), "255.255.255.255:67", time.Second)
	if len(acks) != 1 || from(acks, "10.77.0.2") == nil || acks[0].MessageType() != dhcpv4.MessageTypeAck {
		t.Fatalf("acknowledged by %v", acks)
	}
	if c, known := s.Proxy.table.Client(given); !known || c.MAC.String() != mac(1).String() {
		t.Errorf("%s is %+v, %v", given, c, known)
	}

	n.Address(netip.PrefixFrom(given, 24))
	var unicast *net.UDPConn
	n.AtBench(func() {
		var err error
		if unicast, err = bind.UDP(benchnet.Far, netip.AddrPortFrom(given, BootPort)); err != nil {
			t.Fatal(err)
		}
	})
	defer unicast.Close()
	ask := discover(t, 1, append(firmware, dhcpv4.WithClientIP(given.AsSlice()))...)
	ask.UpdateOption(dhcpv4.OptMessageType(dhcpv4.MessageTypeRequest))
	got := answers(t, unicast, ask, "10.77.0.1:4011", time.Second)
	if len(got) != 1 || got[0].BootFileName != boot.FileShim || got[0].MessageType() != dhcpv4.MessageTypeAck {
		t.Errorf("on port 4011: %v", got)
	}

	system := answers(t, at, discover(t, 1, dhcpv4.WithBroadcast(true)), "255.255.255.255:67", time.Second)
	if len(system) != 1 || from(system, "10.77.0.2") == nil {
		t.Errorf("an operating system is answered by %v", system)
	}
}

// TestRogueServer: a dnsmasq appears on the bench network, is noticed, and goes
// away again. The looks are real, only their times are shortened.
func TestRogueServer(t *testing.T) {
	n := benchnet.New(t)
	n.Address(netip.MustParsePrefix("10.77.0.2/24"))
	b := newBench(t, boot.Decision{})
	dev, err := net.InterfaceByName(benchnet.Bench)
	if err != nil {
		t.Fatal(err)
	}
	b.Server.config.Hardware = dev.HardwareAddr
	conn := benchSocket(t, "0.0.0.0:67")
	run(t, func(ctx context.Context) error { return b.Serve(ctx, conn) })
	look := func(want ...netip.Addr) {
		t.Helper()
		found, err := Probe(t.Context(), benchnet.Bench, ip("10.77.0.1"))
		if err != nil || !slices.Equal(found, want) {
			t.Fatalf("found %v, %v, want %v", found, err, want)
		}
		b.watch.note(found)
	}
	var at *net.UDPConn
	n.AtBench(func() { at = farSocket(t) })
	defer at.Close()
	offered := func(last byte) *dhcpv4.DHCPv4 {
		return from(answers(t, at, discover(t, last, dhcpv4.WithBroadcast(true)), "255.255.255.255:67", time.Second), "10.77.0.1")
	}
	look() // our own server is heard by nobody's probe
	if offered(1) == nil {
		t.Fatal("no offer while there is no other server")
	}
	stop := dnsmasq(t, n)
	time.Sleep(500 * time.Millisecond)
	look(ip("10.77.0.2"))
	if offer := offered(2); offer != nil {
		t.Errorf("offered %s beside another server", offer.YourIPAddr)
	}
	stop()
	look()
	if offered(2) == nil {
		t.Error("no offer though the other server is gone")
	}
}

// TestOurOwnProbeIsNotAnswered: the question that this host broadcasts comes to
// its own server, too.
func TestOurOwnProbeIsNotAnswered(t *testing.T) {
	benchnet.New(t)
	b := newBench(t, boot.Decision{})
	dev, err := net.InterfaceByName(benchnet.Bench)
	if err != nil {
		t.Fatal(err)
	}
	b.Server.config.Hardware = dev.HardwareAddr
	conn := benchSocket(t, "0.0.0.0:67")
	run(t, func(ctx context.Context) error { return b.Serve(ctx, conn) })
	if _, err := Probe(t.Context(), benchnet.Bench); err != nil {
		t.Fatal(err)
	}
	counts := b.seen.Counts()
	if !slices.Contains(counts, "dhcp discover") {
		t.Fatal("the probe did not come to this server: the test shows nothing")
	}
	if slices.Contains(counts, "dhcp offer") || len(b.table.byMAC) != 0 {
		t.Errorf("the server answered its own probe: %v", counts)
	}
}

// TestFortyBenches ask within one second over a wire, with real probes and real
// writes.
func TestFortyBenches(t *testing.T) {
	n := benchnet.New(t)
	const wide = 40
	b := newBenchWith(t, nobodysDecider(), func(c *Config) { c.Pool = pool("10.77.0.100", "10.77.0.199") })
	prober, err := arp.Listen(benchnet.Bench)
	if err != nil {
		t.Fatal(err)
	}
	run(t, prober.Serve)
	b.Server.check = newChecker(prober, b.clock.Now)
	conn := benchSocket(t, "0.0.0.0:67")
	run(t, func(ctx context.Context) error { return b.Serve(ctx, conn) })
	n.Address(netip.MustParsePrefix("10.77.0.105/24")) // one address of the pool is in use
	var at *net.UDPConn
	n.AtBench(func() { at = farSocket(t) })
	defer at.Close()

	began := time.Now()
	say := func(p *dhcpv4.DHCPv4) {
		if _, err := at.WriteToUDPAddrPort(p.ToBytes(), netip.MustParseAddrPort("255.255.255.255:67")); err != nil {
			t.Error(err)
		}
	}
	for i := range byte(wide) {
		say(discover(t, i, pxeClass, arch(7)))
	}
	given, took := map[netip.Addr]bool{}, []time.Duration{}
	buf := make([]byte, maxPacket)
	at.SetReadDeadline(began.Add(10 * time.Second))
	for len(given) < wide {
		size, _, err := at.ReadFromUDPAddrPort(buf)
		if err != nil {
			t.Fatalf("%d machines have an address: %v", len(given), err)
		}
		r, err := dhcpv4.FromBytes(buf[:size])
		if err != nil || r.OpCode != dhcpv4.OpcodeBootReply {
			continue
		}
		switch a := addr(r.YourIPAddr); r.MessageType() {
		case dhcpv4.MessageTypeOffer:
			say(accept(t, r, pxeClass, arch(7)))
		case dhcpv4.MessageTypeAck:
			if given[a] || a == ip("10.77.0.105") {
				t.Errorf("%s is given, and in use", a)
			}
			given[a] = true
			took = append(took, time.Since(began))
		}
	}
	slices.Sort(took)
	t.Logf("%d machines: half after %s, the last after %s", wide, took[wide/2], took[wide-1])
	if last := took[wide-1]; last > 5*time.Second {
		t.Errorf("the last machine waited %s", last)
	}
	if _, err := os.Stat(b.table.file); err != nil {
		t.Error(err)
	}
}
