//go:build vm

package jobs

import (
	"encoding/json"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"regain.example/cmd/internal/vbench"
)

// siteDHCP starts the site's own DHCP server, a dnsmasq that gives addresses and
// nothing to boot, and returns what ends it.
func (b *bench) siteDHCP(from, to string) *vbench.Process {
	b.t.Helper()
	host, err := b.wire.NewHost(netip.MustParsePrefix("10.77.0.2/24"))
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { host.Close() })
	log, err := os.Create(filepath.Join(b.dir, "dnsmasq.log"))
	if err != nil {
		b.t.Fatal(err)
	}
	defer log.Close()
	cmd := exec.Command("dnsmasq", "--no-daemon", "--conf-file=/dev/null", "--port=0", "--user=root", "--log-dhcp",
		"--interface="+vbench.HostLink, "--bind-interfaces", "--dhcp-authoritative",
		"--dhcp-range="+from+","+to+",255.255.255.0,1h", "--dhcp-leasefile="+filepath.Join(b.dir, "dnsmasq.leases"),
		"--pid-file="+filepath.Join(b.dir, "dnsmasq.pid"))
	cmd.Stdout, cmd.Stderr = log, log
	p, err := host.Start(cmd)
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() {
		p.Kill()
		if b.t.Failed() {
			text, err := os.ReadFile(log.Name())
			b.t.Logf("dnsmasq's log (%v):\n%s", err, text)
		}
	})
	return p
}

// TestProxy: beside a DHCP server that gives the addresses, machines of each kind
// of firmware come to the agent, and the controller knows whose address is whose.
func TestProxy(t *testing.T) {
	b := newBench(t, 8*time.Minute, settings{bench: "mode = \"proxy\"\n"})
	b.siteDHCP("10.77.0.200", "10.77.0.220")
	kinds := []vbench.Firmware{vbench.BIOS, vbench.UEFI}
	if !long {
		kinds = kinds[:1]
	}
	for i, firmware := range kinds {
		m := b.plugAs(firmware, vbench.Config{Name: "proxy-" + string(firmware), Drives: []vbench.Drive{b.drive(vbench.SATA, "ONLY-"+string(firmware), 8<<20)}})
		began := time.Now()
		b.powerOn(m)
		b.registered(i + 1)
		t.Logf("%s: %.1f s from power-on to registration, load %s", firmware, time.Since(began).Seconds(), load(t))
		m.PowerCut()
		if a := b.seenAddress(m); !netip.MustParsePrefix("10.77.0.192/26").Contains(a) {
			t.Errorf("%s: the controller knows the machine by the address %s", firmware, a)
		}
	}
	if _, err := os.Stat(filepath.Join(b.StateDir(), "leases.json")); !os.IsNotExist(err) {
		t.Errorf("in proxy mode there are leases of ours: %v", err)
	}
}

// seenAddress is the address that the controller has seen the machine with.
func (b *bench) seenAddress(m *vbench.Machine) netip.Addr {
	b.t.Helper()
	text, err := os.ReadFile(filepath.Join(b.StateDir(), "seen-addresses.json"))
	if err != nil {
		b.t.Fatal(err)
	}
	var seen []struct {
		MAC  string
		Addr netip.Addr
	}
	if err := json.Unmarshal(text, &seen); err != nil {
		b.t.Fatal(err)
	}
	for _, s := range seen {
		if s.MAC == m.MAC() {
			return s.Addr
		}
	}
	b.t.Errorf("%s is not among %s", m.MAC(), text)
	return netip.Addr{}
}
