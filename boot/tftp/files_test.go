package tftp

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"regain.example/boot"
	"regain.example/boot/esp"
	"regain.example/boot/internal/boottest"
	"regain.example/boot/script"
)

// witness keeps what it is shown.
type witness struct {
	mu   sync.Mutex
	seen []boot.Sighting
}

func (w *witness) Observe(s boot.Sighting) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen = append(w.seen, s)
}

func (w *witness) Rivals([]netip.Addr) {}

// told is the stages seen, with chain and detail.
func (w *witness) told() []string {
	var all []string
	for _, s := range w.seen {
		all = append(all, strings.TrimSpace(string(s.Stage)+" "+string(s.Chain)+" "+s.Detail))
	}
	return all
}

func bootFiles(t *testing.T, d boottest.Decider) (*BootFiles, *witness) {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{boot.FileShim, boot.FileGRUB, boot.FileUEFI, boot.FileBIOS, boot.FileKernel, boot.FileInitramfs, esp.File} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	w := &witness{}
	s := script.Server{HTTP: netip.MustParseAddrPort("10.77.0.1:80")}
	return NewBootFiles(root, s, script.Agent{Controller: "https://10.77.0.1:8443", Pin: "pin"}, d, w, boottest.Log(t)), w
}

var pc = boot.Client{MAC: net.HardwareAddr{0x52, 0x54, 0, 0, 0, 7}, Arch: boot.ArchEFI64}

// fetch reads name as a transfer does.
func fetch(t *testing.T, b *BootFiles, name string) string {
	t.Helper()
	f, err := b.Open(t.Context(), pc, name)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	defer f.Close()
	text, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	b.Sent(pc, name)
	return string(text)
}

func TestSightings(t *testing.T) {
	agent := boot.Decision{Action: boot.ActionAgent, Token: "tok-1", Reason: "waits"}
	disk := boot.Decision{Action: boot.ActionLocalDisk, Reason: "machine 7 is done"}
	none := boot.Decision{Reason: "three boots in a row failed"}
	for _, tt := range []struct {
		name  string
		d     boot.Decision
		files []string
		want  []string
	}{
		{
			"agent", agent,
			[]string{boot.FileShim, "//" + boot.FileGRUB, "/" + script.GRUBConfig, boot.FileKernel, boot.FileInitramfs},
			[]string{"loader shim", "loader shim", "script shim", "kernel shim", "initramfs shim"},
		},
		{"own disk", disk, []string{script.GRUBConfig}, []string{"script shim", "local-disk shim machine 7 is done"}},
		{"refused", none, []string{script.GRUBConfig, script.GRUBAgain}, []string{
			"script shim", "refused shim three boots in a row failed", "script shim", "refused shim three boots in a row failed",
		}},
		{"iPXE", agent, []string{boot.FileBIOS, boot.FileUEFI}, []string{"loader ipxe", "loader ipxe"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b, seen := bootFiles(t, boottest.Always(tt.d))
			for _, name := range tt.files {
				fetch(t, b, name)
			}
			if got := seen.told(); !slices.Equal(got, tt.want) {
				t.Errorf("seen %q, want %q", got, tt.want)
			}
		})
	}
}

// TestBrokenEnd: a configuration that did not arrive tells nobody that the way
// ended, and neither does the kernel after it.
func TestBrokenEnd(t *testing.T) {
	b, seen := bootFiles(t, boottest.Always(boot.Decision{Reason: "held"}))
	f, err := b.Open(t.Context(), pc, script.GRUBConfig)
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
	b.Broken(pc, "/"+script.GRUBConfig, errors.New("no answer"))
	fetch(t, b, boot.FileKernel)
	if got, want := seen.told(), []string{"broken shim no answer", "kernel shim"}; !slices.Equal(got, want) {
		t.Errorf("seen %q, want %q", got, want)
	}
	if len(b.told) != 0 {
		t.Errorf("remembered for nothing: %v", b.told)
	}
}

// TestUndecided: GRUB gets a configuration that asks again, not its prompt.
func TestUndecided(t *testing.T) {
	fails := func(boot.Client) (boot.Decision, error) { return boot.Decision{}, errors.New("store closed") }
	b, seen := bootFiles(t, fails)
	text := fetch(t, b, script.GRUBConfig)
	if !strings.Contains(text, "cannot decide now") || !strings.Contains(text, "source") || strings.Contains(text, "linux") || strings.Contains(text, "store closed") {
		t.Errorf("the configuration is\n%s", text)
	}
	if got := seen.told(); len(got) != 2 || !strings.HasPrefix(got[1], "refused") {
		t.Errorf("seen %q", got)
	}
}

// TestAnewDecision: each question of GRUB's is decided anew.
func TestAnewDecision(t *testing.T) {
	d := boot.Decision{Reason: "held"}
	b, _ := bootFiles(t, func(boot.Client) (boot.Decision, error) { return d, nil })
	if text := fetch(t, b, script.GRUBConfig); strings.Contains(text, "linux") {
		t.Errorf("a machine that is held is given\n%s", text)
	}
	d = boot.Decision{Action: boot.ActionAgent, Token: "tok-2"}
	if text := fetch(t, b, script.GRUBAgain); !strings.Contains(text, "regain.token=tok-2") || strings.Contains(text, "while") {
		t.Errorf("a machine that was let go is given\n%s", text)
	}
}

// TestNotByTFTP: the image is made for each machine, and by HTTP only.
func TestNotByTFTP(t *testing.T) {
	b, _ := bootFiles(t, boottest.Always(boot.Decision{}))
	for _, name := range []string{esp.File, "grub/../" + boot.FileKernel, "grub", "grub/x86_64-efi/command.lst"} {
		if _, err := b.Open(context.Background(), pc, name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
