package server

import (
	"context"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"

	"regain.example/boot"
	"regain.example/boot/bind"
	"regain.example/boot/internal/benchnet"
)

// TestAnotherServerIsTold: the server finds a real dnsmasq on its network, tells
// it, and offers no address.
func TestAnotherServerIsTold(t *testing.T) {
	n := benchnet.New(t)
	n.Address(netip.MustParsePrefix("10.77.0.2/24"))
	cmd := exec.Command("dnsmasq", "--no-daemon", "--conf-file=/dev/null", "--port=0", "--user=root", "--no-ping",
		"--interface="+benchnet.Far, "--bind-interfaces", "--dhcp-range=10.77.0.200,10.77.0.220,255.255.255.0,1h",
		"--dhcp-leasefile="+filepath.Join(t.TempDir(), "leases"), "--pid-file="+filepath.Join(t.TempDir(), "pid"))
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	n.AtBench(func() {
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
	})
	defer func() { cmd.Process.Kill(); cmd.Wait() }()
	s, seen := newServer(t, config(t))
	if err := s.Listen(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx) }()
	rival := []netip.Addr{netip.MustParseAddr("10.77.0.2")}
	for range 1500 {
		if slices.Equal(seen.LastRivals(), rival) {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if got := seen.LastRivals(); !slices.Equal(got, rival) {
		t.Fatalf("told %v, want %v", got, rival)
	}
	n.AtBench(func() {
		conn, err := bind.UDP(benchnet.Far, netip.MustParseAddrPort("0.0.0.0:68"))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		p, err := dhcpv4.NewDiscovery(machine())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := conn.WriteToUDPAddrPort(p.ToBytes(), netip.MustParseAddrPort("255.255.255.255:67")); err != nil {
			t.Fatal(err)
		}
	})
	awaitStages(t, seen, "withheld")
	if slices.Contains(seen.Counts(), "dhcp offer") {
		t.Errorf("counted %v", seen.Counts())
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// TestProxyMode: the site's server has the addresses, and no port of DHCP's client
// is needed; port 4011 is answered.
func TestProxyMode(t *testing.T) {
	n := benchnet.New(t)
	n.Address(netip.MustParsePrefix("10.77.0.210/24"))
	busy, err := bind.UDP(benchnet.Bench, netip.MustParseAddrPort("0.0.0.0:68"))
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	c := config(t)
	c.Proxy = true
	s, seen := newServer(t, c)
	if err := s.Listen(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx) }()
	n.AtBench(func() { askBootServer(t) })
	awaitStages(t, seen, "address")
	if c, known := s.Machines().Client(netip.MustParseAddr("10.77.0.210")); !known || c.MAC.String() != machine().String() || c.Arch != boot.ArchEFI64 {
		t.Errorf("the machine is known as %+v, %v", c, known)
	}
	n.AtBench(func() {
		if got := fetchHTTP(t, "/boot.ipxe?mac="+machine().String()+"&platform=efi"); !strings.Contains(got, "regain.token=tok") {
			t.Errorf("the script is %q", got)
		}
	})
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if text, err := os.ReadFile(c.LeaseFile); err != nil || !strings.Contains(string(text), "10.77.0.210") {
		t.Errorf("remembered is %s, %v", text, err)
	}
}

// askBootServer asks on port 4011 as EDK2 does, from that port. An unknown machine
// beside another server is sent iPXE first.
func askBootServer(t *testing.T) {
	t.Helper()
	conn, err := bind.UDP(benchnet.Far, netip.MustParseAddrPort("10.77.0.210:4011"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	p, err := dhcpv4.NewDiscovery(machine(),
		dhcpv4.WithMessageType(dhcpv4.MessageTypeRequest), dhcpv4.WithClientIP([]byte{10, 77, 0, 210}),
		dhcpv4.WithOption(dhcpv4.OptClassIdentifier("PXEClient:Arch:00007:UNDI:003001")),
		dhcpv4.WithGeneric(dhcpv4.OptionClientSystemArchitectureType, []byte{0, 7}))
	if err != nil {
		t.Fatal(err)
	}
	conn.SetDeadline(time.Now().Add(5 * time.Second))
	if _, err := conn.WriteToUDPAddrPort(p.ToBytes(), netip.MustParseAddrPort("10.77.0.1:4011")); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 1500)
	size, err := conn.Read(buf)
	if err != nil {
		t.Fatal(err)
	}
	ack, err := dhcpv4.FromBytes(buf[:size])
	if err != nil || ack.BootFileName != boot.FileUEFI || !ack.YourIPAddr.IsUnspecified() {
		t.Errorf("got %v, %v", ack, err)
	}
}

// TestPortOfClientsIsNeeded: without it nobody could look for other servers, and
// nothing would ever be offered.
func TestPortOfClientsIsNeeded(t *testing.T) {
	benchnet.New(t)
	busy, err := bind.UDP(benchnet.Bench, netip.MustParseAddrPort("0.0.0.0:68"))
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	s, _ := newServer(t, config(t))
	defer s.Close()
	if err := s.Listen(); err == nil || !strings.Contains(err.Error(), "udp port 68") {
		t.Errorf("got %v", err)
	}
}
