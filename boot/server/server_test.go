package server

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"
	tftplib "github.com/pin/tftp/v3"
	"golang.org/x/sys/unix"

	"regain.example/boot"
	"regain.example/boot/bind"
	"regain.example/boot/dhcp"
	"regain.example/boot/esp"
	"regain.example/boot/internal/benchnet"
	"regain.example/boot/internal/boottest"
	"regain.example/boot/script"
)

func TestMain(m *testing.M) { os.Exit(benchnet.Main(m)) }

func config(t *testing.T) Config {
	t.Helper()
	dir := t.TempDir()
	names := []string{boot.FileKernel, boot.FileInitramfs}
	for _, f := range boot.Files() {
		names = append(names, f.Name)
	}
	for _, name := range names {
		if err := os.WriteFile(filepath.Join(dir, name), bytes.Repeat([]byte(name), 1000), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, esp.File), template(), 0o644); err != nil {
		t.Fatal(err)
	}
	return Config{
		Interface: benchnet.Bench, Address: benchnet.BenchAddr(),
		Pool:      dhcp.Pool{First: netip.MustParseAddr("10.77.0.100"), Last: netip.MustParseAddr("10.77.0.110")},
		LeaseFile: filepath.Join(t.TempDir(), "leases.json"), Dir: dir,
		Agent: script.Agent{Controller: "https://10.77.0.1:8443", Pin: "pin"},
	}
}

// template is as much of a boot image as the server looks at.
func template() []byte {
	const sectors = 128
	image := make([]byte, (esp.PartitionStart+sectors)*512)
	copy(image, esp.BootRecord(nil, sectors))
	copy(image[esp.PartitionStart*512:], esp.Placeholder())
	return image
}

func newServer(t *testing.T, c Config) (*Server, *boottest.Recorder) {
	t.Helper()
	seen := &boottest.Recorder{}
	s, err := New(c, boottest.Always(boot.Decision{Action: boot.ActionAgent, Token: "tok"}), seen, seen, boottest.Log(t))
	if err != nil {
		t.Fatal(err)
	}
	return s, seen
}

// TestFromPowerOnToTheInitramfs walks one machine through all protocols.
func TestFromPowerOnToTheInitramfs(t *testing.T) {
	n := benchnet.New(t)
	s, seen := newServer(t, config(t))
	if err := s.Listen(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx) }()

	// Nothing is offered before it is known that there is no other server; the
	// machine asks until then, as firmware does.
	n.AtBench(func() { takeAddress(t) })
	address := []string{"offer", "address"}
	awaitStages(t, seen, address...)
	n.Address(netip.MustParsePrefix("10.77.0.100/24"))
	n.AtBench(func() {
		if got := fetchTFTP(t, boot.FileShim); got != strings.Repeat(boot.FileShim, 1000) {
			t.Errorf("the loader has %d bytes", len(got))
		}
	})
	awaitStages(t, seen, append(address, "loader")...)
	n.AtBench(func() {
		if got := fetchHTTP(t, "/boot.ipxe?mac="+machine().String()+"&platform=efi"); !strings.Contains(got, "regain.token=tok") {
			t.Errorf("the script is %q", got)
		}
	})
	n.AtBench(func() { fetchHTTP(t, "/boot/vmlinuz") })
	awaitStages(t, seen, append(address, "loader", "script", "kernel")...)
	n.AtBench(func() { fetchHTTP(t, "/boot/initramfs") })
	awaitStages(t, seen, append(address, "loader", "script", "kernel", "initramfs")...)
	n.AddressOther(netip.MustParsePrefix("10.88.0.2/24"))
	n.AtOther(func() {
		if _, err := net.DialTimeout("tcp4", "10.88.0.1:80", time.Second); !errors.Is(err, unix.ECONNREFUSED) {
			t.Errorf("HTTP on another interface: %v", err)
		}
	})
	cancel()
	select {
	case err := <-done:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(10 * time.Second):
		t.Error("the server does not stop")
	}
	again, _ := newServer(t, config(t))
	defer again.Close()
	if err := again.Listen(); err != nil {
		t.Errorf("after the stop: %v", err)
	}
}

// awaitStages waits until exactly these stages were observed. A transfer is
// observed after its last byte, which the client may have by then.
func awaitStages(t *testing.T, seen *boottest.Recorder, stages ...string) {
	t.Helper()
	want := make([]string, len(stages))
	for i, stage := range stages {
		want[i] = machine().String() + " " + stage
	}
	for range 500 {
		if slices.Equal(seen.Stages(), want) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("observed %q, want %q", seen.Stages(), want)
}

func machine() net.HardwareAddr { return net.HardwareAddr{0x52, 0x54, 0, 0, 0, 7} }

func takeAddress(t *testing.T) {
	t.Helper()
	conn, err := bind.UDP(benchnet.Far, netip.MustParseAddrPort("0.0.0.0:68"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	say := func(p *dhcpv4.DHCPv4) *dhcpv4.DHCPv4 {
		buf := make([]byte, 1500)
		size := 0
		for tries := 0; size == 0 && tries < 10; tries++ {
			if _, err := conn.WriteToUDPAddrPort(p.ToBytes(), netip.MustParseAddrPort("255.255.255.255:67")); err != nil {
				t.Fatal(err)
			}
			conn.SetReadDeadline(time.Now().Add(time.Second))
			for {
				n, err := conn.Read(buf)
				if err != nil {
					break // nobody answered: ask again
				}
				if buf[0] == byte(dhcpv4.OpcodeBootReply) { // else the server's look for others
					size = n
					break
				}
			}
		}
		reply, err := dhcpv4.FromBytes(buf[:size])
		if err != nil {
			t.Fatal(err)
		}
		return reply
	}
	pxe := []dhcpv4.Modifier{
		dhcpv4.WithOption(dhcpv4.OptClassIdentifier("PXEClient:Arch:00007:UNDI:003001")),
		dhcpv4.WithGeneric(dhcpv4.OptionClientSystemArchitectureType, []byte{0, 7}),
	}
	discover, err := dhcpv4.NewDiscovery(machine(), pxe...)
	if err != nil {
		t.Fatal(err)
	}
	offer := say(discover)
	request, err := dhcpv4.NewRequestFromOffer(offer, pxe...)
	if err != nil {
		t.Fatal(err)
	}
	if ack := say(request); ack.BootFileName != boot.FileShim || !ack.YourIPAddr.Equal(net.IPv4(10, 77, 0, 100)) {
		t.Fatalf("got %s", ack.Summary())
	}
}

func fetchTFTP(t *testing.T, name string) string {
	t.Helper()
	c, err := tftplib.NewClient("10.77.0.1:69")
	if err != nil {
		t.Fatal(err)
	}
	c.SetBlockSize(1468)
	from, err := c.Receive(name, "octet")
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if _, err := from.WriteTo(&got); err != nil {
		t.Error(err)
	}
	return got.String()
}

// fetchHTTP dials here, in this thread's namespace, and not from a goroutine of
// the HTTP client's.
func fetchHTTP(t *testing.T, path string) string {
	t.Helper()
	conn, err := net.Dial("tcp4", "10.77.0.1:80")
	if err != nil {
		t.Fatal(err)
	}
	client := http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext:       func(context.Context, string, string) (net.Conn, error) { return conn, nil },
	}}
	resp, err := client.Get("http://10.77.0.1" + path)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != 200 {
		t.Errorf("%s: %s, %v", path, resp.Status, err)
	}
	return string(body)
}

func TestListenNamesEverySocketThatFailed(t *testing.T) {
	benchnet.New(t)
	tftpPort, err := bind.UDP(benchnet.Bench, netip.MustParseAddrPort("0.0.0.0:69"))
	if err != nil {
		t.Fatal(err)
	}
	defer tftpPort.Close()
	httpPort, err := bind.TCP(benchnet.Bench, netip.MustParseAddrPort("0.0.0.0:80"))
	if err != nil {
		t.Fatal(err)
	}
	defer httpPort.Close()

	s, _ := newServer(t, config(t))
	defer s.Close()
	err = s.Listen()
	if err == nil || !strings.Contains(err.Error(), "udp port 69") || !strings.Contains(err.Error(), "tcp port 80") || strings.Contains(err.Error(), "port 67") {
		t.Errorf("got %v", err)
	}
	free, err := bind.UDP(benchnet.Bench, netip.MustParseAddrPort("0.0.0.0:67"))
	if err != nil {
		t.Fatalf("the socket that was bound stays open: %v", err)
	}
	free.Close()
}

func TestConfigIsChecked(t *testing.T) {
	for name, test := range map[string]struct {
		spoil func(*Config)
		says  string
	}{
		"interface": {func(c *Config) { c.Interface = "" }, "no bench interface"},
		"address":   {func(c *Config) { c.Address = netip.MustParsePrefix("fe80::1/64") }, "not an IPv4 address"},
		"pool":      {func(c *Config) { c.Pool.Last = netip.MustParseAddr("10.78.0.1") }, "pool"},
		"relay": {func(c *Config) {
			c.Relays = []dhcp.Network{{Prefix: netip.MustParsePrefix("10.78.0.0/24"), Pool: c.Pool}}
		}, "behind a relay"},
		"book":       {func(c *Config) { c.BookFile = c.Dir }, "boot chains"},
		"lease time": {func(c *Config) { c.LeaseTime = time.Second }, "lease time"},
		"arguments":  {func(c *Config) { c.Agent.Extra = []string{"x${y}"} }, "boot script"},
		"directory":  {func(c *Config) { c.Dir = "/nowhere" }, "boot directory"},
		"loader":     {func(c *Config) { os.Remove(filepath.Join(c.Dir, boot.FileShim)) }, "package shim-signed"},
		"kernel":     {func(c *Config) { os.Remove(filepath.Join(c.Dir, boot.FileKernel)) }, "Makefile"},
		"leases":     {func(c *Config) { os.WriteFile(c.LeaseFile, []byte("x"), 0o600) }, "read the leases"},
	} {
		c := config(t)
		test.spoil(&c)
		seen := &boottest.Recorder{}
		s, err := New(c, boottest.Always(boot.Decision{}), seen, seen, boottest.Log(t))
		if err == nil {
			s.Close()
		}
		if err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
