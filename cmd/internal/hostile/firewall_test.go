package hostile

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"regain.example/boot"
	"regain.example/boot/dhcp"
	"regain.example/cmd/internal/lan"
	"regain.example/cmd/internal/vbench"
)

// other is a table of the site's own, which must stay.
const other = "table inet site {\n\tchain c {\n\t\tcounter comment \"the site's\"\n\t}\n}\n"

// TestFirewall boots machines under the rules that regain firewall prints, and
// tries everything that the matrix does not allow, before the rules are loaded,
// when it must succeed, and after.
func TestFirewall(t *testing.T) {
	s := newSite(t)
	decoys := s.openDecoys(t)
	s.routeEverywhere(t)
	before := s.trespass(t, decoys)
	if want := append([]string{"page from the bench", "office from the bench", "bench from the office", "page from another desk", "refusals", "UDP"}, decoys.names()...); !containsAll(before, want) {
		t.Fatalf("without rules these could be reached: %q, want all of %q: the test sees nothing", before, want)
	}

	s.nft(t, other)
	rules := s.rules(t, "--admin-from", lan.Desk.Addr().String()+"/32")
	s.nft(t, rules)
	s.nft(t, rules) // again: it replaces itself
	if got := s.run(t, "nft", "list", "ruleset"); strings.Count(got, "table inet regain {") != 1 || strings.Count(got, "goto office") != 1 || !strings.Contains(got, "the site's") {
		t.Fatalf("the tables after the rules were loaded twice:\n%s", got)
	}
	s.worksAsBefore(t)
	if after := s.trespass(t, decoys); len(after) > 0 {
		t.Errorf("under the rules these can be reached: %q", after)
	}
	s.stop(t)
}

// worksAsBefore wants everything of the matrix.
func (s *site) worksAsBefore(t *testing.T) {
	t.Helper()
	for _, arch := range []boot.Arch{boot.ArchBIOS, boot.ArchEFI64} {
		m := s.newMachine(s.good, arch)
		check(t, m.powerOn())
		if _, err := m.boot(t.Context()); err != nil {
			t.Errorf("%s under the rules: %v", arch, err)
		}
		if _, err := m.tftp(t.Context(), boot.FileKernel); err != nil {
			t.Errorf("a large file by TFTP: %v", err)
		}
	}
	resp, err := s.page.Get(fmt.Sprintf("https://%s:8444/", lan.OfficeAddress.Addr()))
	if err != nil {
		t.Errorf("the page from its desk: %v", err)
	} else {
		resp.Body.Close()
	}
	if err := solicit(s.bad); err != nil {
		t.Errorf("router solicitation: %v", err)
	}
	if found := s.rivals(t); !slices.Contains(found, rival) {
		t.Errorf("other DHCP servers: found %v, want %s among them", found, rival)
	}
}

// rivals has the appliance look for other DHCP servers while one is there.
func (s *site) rivals(t *testing.T) (found []netip.Addr) {
	t.Helper()
	stop := startRival(t, s.bad)
	defer stop()
	check(t, s.Do(func() (err error) {
		found, err = dhcp.Probe(t.Context(), vbench.Bridge)
		return err
	}))
	return found
}

// rules is what regain firewall prints.
func (s *site) rules(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, append([]string{"firewall", "--config", s.configFile()}, args...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	check(t, err)
	return string(out)
}

// nft loads rules on the appliance.
func (s *site) nft(t *testing.T, rules string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "rules.nft")
	check(t, os.WriteFile(file, []byte(rules), 0o600))
	s.run(t, "nft", "-f", file)
}

// run runs a program on the appliance to its end.
func (s *site) run(t *testing.T, name string, args ...string) string {
	t.Helper()
	var out strings.Builder
	cmd := exec.Command(name, args...)
	cmd.Stdout, cmd.Stderr = &out, os.Stderr
	p, err := s.Start(cmd)
	check(t, err)
	if err := p.Wait(t.Context()); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return out.String()
}

// routeEverywhere makes the appliance a router between bench and office, as a
// careless administrator would.
func (s *site) routeEverywhere(t *testing.T) {
	t.Helper()
	check(t, s.Do(func() error { return os.WriteFile("/proc/sys/net/ipv4/ip_forward", []byte("1"), 0) }))
	check(t, s.bad.Address(netip.MustParsePrefix("10.77.0.40/24")))
	check(t, s.bad.Route(vbench.Address.Addr()))
}

func containsAll(have, want []string) bool {
	return !slices.ContainsFunc(want, func(w string) bool { return !slices.Contains(have, w) })
}

// reaches reports whether a TCP connection comes about within a second.
func reaches(ctx context.Context, from *lan.Space, source, address string) bool {
	d := net.Dialer{Timeout: time.Second}
	if source != "" {
		d.LocalAddr = &net.TCPAddr{IP: net.ParseIP(source)}
	}
	return from.Do(func() error {
		c, err := d.DialContext(ctx, "tcp4", address)
		if err == nil {
			c.Close()
		}
		return err
	}) == nil
}

// listen accepts connections in a space and closes them at once.
func listen(t *testing.T, where interface{ Do(func() error) error }, address string) {
	t.Helper()
	var l net.Listener
	check(t, where.Do(func() (err error) {
		l, err = net.Listen("tcp4", address)
		return err
	}))
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			io.WriteString(c, "hello")
			c.Close()
		}
	}()
}
