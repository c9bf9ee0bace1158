package firewall

import (
	"bytes"
	"flag"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files and the table of docs/network.md")

func example() Config {
	return Config{
		Interface: "bench0", Address: netip.MustParsePrefix("10.77.0.1/24"), HTTPPort: 80, AgentPort: 8443,
		Admin: netip.MustParseAddrPort("192.0.2.10:8444"), SSHPort: 22,
	}
}

func with(change func(*Config)) Config {
	c := example()
	change(&c)
	return c
}

func networks(all ...string) []netip.Prefix {
	var p []netip.Prefix
	for _, s := range all {
		p = append(p, netip.MustParsePrefix(s))
	}
	return p
}

func configs() map[string]Config {
	return map[string]Config{
		"dhcp": with(func(c *Config) { c.AdminFrom = networks("192.0.2.7/24", "2001:db8::/32") }),
		"proxy": with(func(c *Config) {
			c.Proxy, c.Interface, c.HTTPPort, c.AgentPort = true, "eth1.20", 8080, 9443
			c.Admin, c.SSHPort = netip.MustParseAddrPort("[2001:db8::10]:443"), 0
		}),
		"loopback": with(func(c *Config) { c.Admin = netip.MustParseAddrPort("127.0.0.1:8444") }),
		"relays":   with(func(c *Config) { c.Relayed = networks("10.78.0.0/24", "10.79.0.0/23") }),
	}
}

// TestRules compares the rules with golden files and has nft check them.
func TestRules(t *testing.T) {
	for name, c := range configs() {
		t.Run(name, func(t *testing.T) {
			var got bytes.Buffer
			if err := Rules(&got, c); err != nil {
				t.Fatal(err)
			}
			file := filepath.Join("testdata", name+".nft")
			if *update {
				if err := os.WriteFile(file, got.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got.Bytes(), want) {
				t.Errorf("the rules differ from %s; go test -update writes it:\n%s", file, got.Bytes())
			}
			nft := exec.Command("nft", "-c", "-f", "-")
			nft.Stdin = &got
			if out, err := nft.CombinedOutput(); err != nil {
				t.Errorf("nft -c: %v\n%s", err, out)
			}
		})
	}
}

// TestEveryFlowHasItsRule finds each condition of the matrix in the rules, and no
// other accept.
func TestEveryFlowHasItsRule(t *testing.T) {
	for name, c := range configs() {
		var out bytes.Buffer
		if err := Rules(&out, c); err != nil {
			t.Fatal(err)
		}
		rules := out.String()
		matches := 2 // lo, and established
		for _, f := range Flows(c) {
			if (len(f.Matches) == 0) == (f.Why == "") {
				t.Errorf("%s: %s: %s has neither a condition nor a reason for none, or both", name, f.What, f.Purpose)
			}
			for _, m := range f.Matches {
				matches++
				if !strings.Contains(rules, "\t\t"+m+" accept\n") {
					t.Errorf("%s: no rule %q", name, m)
				}
			}
		}
		if n := strings.Count(rules, " accept\n"); n != matches {
			t.Errorf("%s: %d rules accept, want %d", name, n, matches)
		}
	}
}

// TestDocumentation holds the table of docs/network.md to the matrix.
func TestDocumentation(t *testing.T) {
	const file, begin, end = "../../../docs/network.md", "<!-- flows -->\n", "<!-- end of flows -->"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(text), begin)
	table, after, closed := strings.Cut(rest, end)
	if !found || !closed {
		t.Fatalf("%s has no place for the table between %q and %q", file, begin, end)
	}
	want := Table(example())
	if *update {
		if err := os.WriteFile(file, []byte(before+begin+want+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if table != want {
		t.Errorf("the table of %s is not the matrix; go test -update writes it:\n%s", file, want)
	}
}

// TestUnsafeConfigurationsAreRefused: a name could end a rule or match every
// interface.
func TestUnsafeConfigurationsAreRefused(t *testing.T) {
	for name, c := range map[string]Config{
		"pattern":      with(func(c *Config) { c.Interface = "eth*" }),
		"quote":        with(func(c *Config) { c.Interface = `x" accept` }),
		"newline":      with(func(c *Config) { c.Interface = "x\naccept" }),
		"empty":        with(func(c *Config) { c.Interface = "" }),
		"too long":     with(func(c *Config) { c.Interface = "abcdefghijklmnop" }),
		"loopback":     with(func(c *Config) { c.Interface = "lo" }),
		"no address":   with(func(c *Config) { c.Address = netip.Prefix{} }),
		"IPv6 bench":   with(func(c *Config) { c.Address = netip.MustParsePrefix("2001:db8::1/64") }),
		"no HTTP":      with(func(c *Config) { c.HTTPPort = 0 }),
		"no agent":     with(func(c *Config) { c.AgentPort = 0 }),
		"no page":      with(func(c *Config) { c.Admin = netip.AddrPortFrom(c.Admin.Addr(), 0) }),
		"page unheard": with(func(c *Config) { c.AdminFrom = networks("2001:db8::/32") }),
	} {
		var out bytes.Buffer
		if err := Rules(&out, c); err == nil || out.Len() > 0 {
			t.Errorf("%s: %v, wrote %q", name, err, out.String())
		}
	}
}
