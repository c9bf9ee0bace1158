package dhcp

import (
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"

	"regain.example/boot"
	"regain.example/boot/internal/benchnet"
	"regain.example/boot/internal/boottest"
	"regain.example/boot/script"
)

func TestMain(m *testing.M) { os.Exit(benchnet.Main(m)) }

// clock is a clock that tests set.
type clock struct{ now time.Time }

func (c *clock) Now() time.Time       { return c.now }
func (c *clock) pass(d time.Duration) { c.now = c.now.Add(d) }
func newClock() *clock                { return &clock{time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)} }
func ip(s string) netip.Addr          { return netip.MustParseAddr(s) }
func client(last byte) boot.Client    { return boot.Client{MAC: mac(last)} }
func mac(last byte) net.HardwareAddr  { return net.HardwareAddr{0x52, 0x54, 0, 0, 0, last} }
func leaseFile(t *testing.T) string   { return filepath.Join(t.TempDir(), "leases.json") }
func pool(first, last string) Pool    { return Pool{ip(first), ip(last)} }
func ten() Pool                       { return pool("10.77.0.100", "10.77.0.109") }

const leaseTime = time.Hour

func open(t *testing.T, file string, p Pool, c *clock) *Table {
	t.Helper()
	table, err := OpenTable(file, p, leaseTime, c.Now)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// bench is a server with what it told its neighbours.
type bench struct {
	*Server
	clock *clock
	seen  *boottest.Recorder
}

func newBench(t *testing.T, d boot.Decision) *bench {
	t.Helper()
	b := &bench{clock: newClock(), seen: &boottest.Recorder{}}
	b.Server = New(Config{
		Address: benchnet.BenchAddr(), LeaseTime: leaseTime,
		Scripts: script.Server{HTTP: netip.MustParseAddrPort("10.77.0.1:80")},
	}, open(t, leaseFile(t), ten(), b.clock), boottest.Always(d), b.seen, b.seen, boottest.Log(t))
	return b
}

// send hands the server a packet as it comes from the wire.
func (b *bench) send(t *testing.T, p *dhcpv4.DHCPv4) (*dhcpv4.DHCPv4, netip.AddrPort) {
	t.Helper()
	reply, to := b.handle(t.Context(), p.ToBytes())
	if reply == nil {
		return nil, to
	}
	parsed, err := dhcpv4.FromBytes(reply.ToBytes())
	if err != nil {
		t.Fatal(err)
	}
	return parsed, to
}

func discover(t *testing.T, last byte, with ...dhcpv4.Modifier) *dhcpv4.DHCPv4 {
	t.Helper()
	p, err := dhcpv4.NewDiscovery(mac(last), with...)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// accept is the request that takes offer.
func accept(t *testing.T, offer *dhcpv4.DHCPv4, with ...dhcpv4.Modifier) *dhcpv4.DHCPv4 {
	t.Helper()
	p, err := dhcpv4.NewRequestFromOffer(offer, with...)
	if err != nil {
		t.Fatal(err)
	}
	return p
}
