package appliance

import (
	"context"
	"io"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"sync/atomic"
	"testing"
	"time"

	"regain.example/agent/api"
	"regain.example/boot"
	"regain.example/boot/dhcp"
	"regain.example/boot/script"
	"regain.example/boot/server"
	"regain.example/imager"
	"regain.example/imager/bolt"
	"regain.example/imager/bootwatch"
	"regain.example/imager/control"
	"regain.example/imager/metrics"
)

// bootBench is the real boot servers before the real controller, whose clock the
// test moves: what is told after minutes need not be waited for.
type bootBench struct {
	t       *testing.T
	control *control.Controller
	ahead   atomic.Int64
}

func newBootBench(t *testing.T, pool string) *bootBench {
	t.Helper()
	b := &bootBench{t: t}
	store, err := bolt.Open(filepath.Join(t.TempDir(), StoreFile))
	if err != nil {
		t.Fatal(err)
	}
	secret, err := store.Secret("controller", 32)
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	b.control, err = control.New(t.Context(), store, nil, nil, control.Config{Secret: secret, Now: b.now, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	c := settings(t)
	kernel := make([]byte, 8<<20) // more than a connection buffers
	if err := os.WriteFile(filepath.Join(c.BootDir, boot.FileKernel), kernel, 0o644); err != nil {
		t.Fatal(err)
	}
	adapter := bootAdapter{b.control}
	s, err := server.New(server.Config{
		Interface: benchInterface, Address: netip.MustParsePrefix(benchAddress),
		Pool:      dhcp.Pool{First: netip.MustParseAddr("10.77.0.100"), Last: netip.MustParseAddr(pool)},
		LeaseFile: filepath.Join(t.TempDir(), LeaseFile), Dir: c.BootDir,
		Agent: script.Agent{Controller: "https://10.77.0.1:8443", Pin: "pin"},
	}, refusing{adapter}, adapter, metrics.New(b.control, "test"), log)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Listen(); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("boot servers: %v", err)
		}
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

// quarantined is the machine that is told to boot nothing.
const quarantined = 0xf0

// refusing decides as the controller does, but for one machine.
type refusing struct{ bootAdapter }

// Decide implements boot.Decider.
func (r refusing) Decide(ctx context.Context, c boot.Client) (boot.Decision, error) {
	if c.MAC[5] == quarantined {
		return boot.Decision{Reason: "machine 7 is in quarantine"}, nil
	}
	return r.bootAdapter.Decide(ctx, c)
}

// ready waits for the first look for other servers to end.
func (b *bootBench) ready() {
	b.t.Helper()
	for range 30 {
		if newPXE(b.t, 0xff).discover(boot.AskerFirmware, boot.ArchEFI64, time.Second) != nil {
			return
		}
	}
	b.t.Fatal("no offer within half a minute")
}

func (b *bootBench) now() time.Time { return time.Now().Add(time.Duration(b.ahead.Load())) }

func (b *bootBench) later(d time.Duration) { b.ahead.Add(int64(d)) }

// at is the machine as the page has it; false if it is not on its way.
func (b *bootBench) at(m *pxe) (imager.Boot, bool) {
	b.t.Helper()
	all, err := b.control.Boots(context.WithoutCancel(b.t.Context()))
	if err != nil {
		b.t.Fatal(err)
	}
	for _, c := range all.Clients {
		if c.MAC == m.mac.String() {
			return c, true
		}
	}
	return imager.Boot{}, false
}

// reaches waits until the machine was seen at a stage, since the time before. A
// transfer is told after its last byte, which the client may have by then.
func (b *bootBench) reaches(m *pxe, stage boot.Stage) {
	b.t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if c, _ := b.at(m); c.Stage == string(stage) && c.At.After(m.seen) {
			m.seen = c.At
			return
		}
	}
	c, _ := b.at(m)
	b.t.Fatalf("it is at %q, want %q", c.Stage, stage)
}

func (b *bootBench) says(m *pxe, want bootwatch.Kind) {
	b.t.Helper()
	c, shown := b.at(m)
	switch {
	case !shown:
		b.t.Fatalf("the page does not show it, want %q", want)
	case want == "" && c.Trouble != nil:
		b.t.Fatalf("at %s the page says %+v", c.Stage, *c.Trouble)
	case want != "" && (c.Trouble == nil || c.Trouble.Kind != string(want)):
		b.t.Fatalf("at %s after %d tries the page says %+v, want %s", c.Stage, c.Tries, c.Trouble, want)
	}
}

// firmware asks for an address, and says so.
func (b *bootBench) firmware(m *pxe, arch boot.Arch) {
	b.t.Helper()
	m.take(boot.AskerFirmware, arch)
	b.reaches(m, boot.StageAddress)
}

func (b *bootBench) tftp(m *pxe, name string, stage boot.Stage) {
	b.t.Helper()
	m.tftp(name, 0)
	b.reaches(m, stage)
}

// grub goes the signed way up to a file.
func (b *bootBench) grub(m *pxe, upTo string) {
	b.t.Helper()
	b.firmware(m, boot.ArchEFI64)
	for _, f := range []struct {
		name  string
		stage boot.Stage
	}{
		{boot.FileShim, boot.StageLoader}, {"//" + boot.FileGRUB, boot.StageLoader}, {script.GRUBConfig, boot.StageScript},
		{"/" + boot.FileKernel, boot.StageKernel}, {"/" + boot.FileInitramfs, boot.StageInitramfs},
	} {
		b.tftp(m, f.name, f.stage)
		if f.name == upTo {
			return
		}
	}
	b.t.Fatalf("the signed way has no %s", upTo)
}

// ipxe goes iPXE's way on a BIOS up to its own address.
func (b *bootBench) ipxe(m *pxe) {
	b.t.Helper()
	b.firmware(m, boot.ArchBIOS)
	b.tftp(m, boot.FileBIOS, boot.StageLoader)
	m.take(boot.AskerIPXE, boot.ArchBIOS)
	b.reaches(m, boot.StageAddress)
}

func registration(m *pxe, bootScript string) api.RegisterRequest {
	token := regexp.MustCompile(`regain\.token=(\S+)`).FindStringSubmatch(bootScript)
	if token == nil {
		m.t.Fatalf("no token in %q", bootScript)
	}
	return api.RegisterRequest{Version: api.Version, Token: token[1], Nonce: "0123456789abcdef0123456789abcdef", Inventory: api.Inventory{
		System: api.System{UUID: m.uuid, Manufacturer: "Dell Inc.", Product: "OptiPlex 7050", Serial: "B5R5M22"},
		NICs:   []api.NIC{{Name: "eth0", MAC: m.mac.String(), Bus: "pci", Boot: true}},
	}}
}
