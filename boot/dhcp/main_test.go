package dhcp

import (
	"bytes"
	"context"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"sync"
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
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func newClock() *clock               { return &clock{now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)} }
func ip(s string) netip.Addr         { return netip.MustParseAddr(s) }
func client(last byte) boot.Client   { return boot.Client{MAC: mac(last)} }
func mac(last byte) net.HardwareAddr { return net.HardwareAddr{0x52, 0x54, 0, 0, 0, last} }
func leaseFile(t *testing.T) string  { return filepath.Join(t.TempDir(), "leases.json") }
func pool(first, last string) Pool   { return Pool{ip(first), ip(last)} }
func ten() Pool                      { return pool("10.77.0.100", "10.77.0.109") }

const leaseTime = time.Hour

func open(t *testing.T, file string, p Pool, c *clock) *Table {
	t.Helper()
	table, err := OpenTable(file, leaseTime, c.Now, p)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// hosts answers as arp.Prober does: the addresses in it are in use.
type hosts struct {
	mu    sync.Mutex
	used  map[netip.Addr]net.HardwareAddr
	asked []netip.Addr
	slow  time.Duration
	err   error
}

func (h *hosts) Holder(_ context.Context, a netip.Addr, asks net.HardwareAddr) (net.HardwareAddr, error) {
	h.mu.Lock()
	h.asked = append(h.asked, a)
	found, err := h.used[a], h.err
	h.mu.Unlock()
	time.Sleep(h.slow)
	if bytes.Equal(found, asks) {
		found = nil
	}
	return found, err
}

// use has mac use the address a.
func (h *hosts) use(a string, mac net.HardwareAddr) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.used[ip(a)] = mac
}

// probed returns how often a was asked for.
func (h *hosts) probed(a string) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := 0
	for _, asked := range h.asked {
		if asked == ip(a) {
			n++
		}
	}
	return n
}

// ways is a Chooser with one answer for each kind of network boot.
type ways map[boot.Arch]boot.Chain

func (w ways) Choose(c boot.Client) boot.Chain { return w[c.Arch] }

// bench is a server with what it told its neighbours.
type bench struct {
	*Server
	clock *clock
	seen  *boottest.Recorder
	lan   *hosts
	ways  ways
}

func newBench(t *testing.T, d boot.Decision) *bench {
	t.Helper()
	return newBenchWith(t, boottest.Always(d), func(*Config) {})
}

func newBenchWith(t *testing.T, d boot.Decider, change func(*Config)) *bench {
	t.Helper()
	b := &bench{clock: newClock(), seen: &boottest.Recorder{}, lan: &hosts{used: map[netip.Addr]net.HardwareAddr{}}, ways: ways{}}
	c := config()
	change(&c)
	table, err := OpenTable(leaseFile(t), leaseTime, b.clock.Now, c.Pools()...)
	if err != nil {
		t.Fatal(err)
	}
	b.Server = New(c, table, b.needs(t, d))
	b.watch.note(nil) // somebody looked, and there was no other server
	return b
}

func config() Config {
	return Config{
		Address: benchnet.BenchAddr(), Hardware: own(), Pool: ten(), LeaseTime: leaseTime,
		Scripts: script.Server{HTTP: netip.MustParseAddrPort("10.77.0.1:80")},
	}
}

func own() net.HardwareAddr { return net.HardwareAddr{0x02, 0, 0, 0, 0, 1} }

func (b *bench) needs(t *testing.T, d boot.Decider) Needs {
	return Needs{
		Decider: d, Chooser: b.ways, Observer: b.seen, Meter: b.seen, Prober: b.lan,
		Watch: NewWatch(nil, b.seen, boottest.Log(t)), Now: b.clock.Now, Log: boottest.Log(t),
	}
}

// send hands the server a packet as it comes from the wire.
func (b *bench) send(t *testing.T, p *dhcpv4.DHCPv4) (*dhcpv4.DHCPv4, netip.AddrPort) {
	t.Helper()
	return asSent(t)(b.handle(t.Context(), p.ToBytes(), netip.AddrPort{}))
}

// asSent brings a reply into the form in which the client reads it.
func asSent(t *testing.T) func(*dhcpv4.DHCPv4, netip.AddrPort) (*dhcpv4.DHCPv4, netip.AddrPort) {
	return func(p *dhcpv4.DHCPv4, to netip.AddrPort) (*dhcpv4.DHCPv4, netip.AddrPort) {
		t.Helper()
		if p == nil {
			return nil, to
		}
		back, err := dhcpv4.FromBytes(p.ToBytes())
		if err != nil {
			t.Fatal(err)
		}
		return back, to
	}
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

// nobodysDecider lets every machine start the agent.
func nobodysDecider() boot.Decider { return boottest.Always(boot.Decision{Action: boot.ActionAgent}) }

// last returns what was observed last.
func (b *bench) last(t *testing.T) boot.Sighting {
	t.Helper()
	all := b.seen.Sightings()
	if len(all) == 0 {
		t.Fatal("nothing was observed")
	}
	return all[len(all)-1]
}
