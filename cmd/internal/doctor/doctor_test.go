package doctor

import (
	"context"
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"regain.example/boot"
	"regain.example/cmd/internal/config"
	"regain.example/imager"
)

// doctor returns one for an appliance whose files are in order. The bench
// interface is the loopback, which every host has.
func doctor(t *testing.T) *Doctor {
	t.Helper()
	c := config.Default()
	c.StateDir, c.BootDir = t.TempDir(), t.TempDir()
	c.Bench.Interface, c.Bench.Address = "lo", netip.MustParsePrefix("127.0.0.1/8")
	c.Profiles = []imager.Profile{config.DefaultProfile()}
	if err := os.Chmod(c.StateDir, 0o700); err != nil {
		t.Fatal(err)
	}
	names := []string{boot.FileKernel, boot.FileInitramfs}
	for _, f := range boot.Files() {
		names = append(names, f.Name)
	}
	for _, name := range names {
		if err := os.WriteFile(filepath.Join(c.BootDir, name), []byte("x"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return &Doctor{
		Config: c, Now: time.Now,
		Probe: func(context.Context, string) ([]netip.Addr, error) { return nil, nil },
	}
}

// find returns the worst level of the findings on what.
func find(all []Finding, what string) (Level, string) {
	var about []Finding
	text := ""
	for _, f := range all {
		if strings.HasPrefix(f.What, what) {
			about = append(about, f)
			text += f.Text + " -> " + f.Advice + "; "
		}
	}
	if about == nil {
		return "not examined", ""
	}
	return Worst(about), text
}

func TestFindings(t *testing.T) {
	for _, test := range []struct {
		name  string
		harm  func(t *testing.T, d *Doctor)
		what  string
		level Level
		says  string
	}{
		{"all well: state", func(*testing.T, *Doctor) {}, "state directory", OK, ""},
		{"all well: boot", func(*testing.T, *Doctor) {}, "boot file", OK, "6 files"},
		{"all well: interface", func(*testing.T, *Doctor) {}, "bench interface", OK, "is up and has 127.0.0.1/8"},
		{"all well: DHCP", func(*testing.T, *Doctor) {}, "other DHCP", OK, "none answers"},
		{"state open to others", func(t *testing.T, d *Doctor) { chmod(t, d.Config.StateDir, 0o755) }, "state directory", Fail, "chmod 0700"},
		{"state is a file", func(t *testing.T, d *Doctor) { d.Config.StateDir = filepath.Join(d.Config.BootDir, boot.FileKernel) }, "state directory", Fail, "not a directory"},
		{"no state yet", func(t *testing.T, d *Doctor) { d.Config.StateDir += "/none" }, "state directory", Warn, "first start"},
		{"no state yet: space", func(t *testing.T, d *Doctor) { d.Config.StateDir += "/none/at/all" }, "free space", OK, ""},
		{"no kernel", func(t *testing.T, d *Doctor) { remove(t, d.Config.BootDir, boot.FileKernel) }, "boot file", Fail, "vmlinuz"},
		{"no shim", func(t *testing.T, d *Doctor) { remove(t, d.Config.BootDir, boot.FileShim) }, "boot file", Fail, "apt-get install shim-signed"},
		{"empty initramfs", func(t *testing.T, d *Doctor) { truncate(t, d.Config.BootDir, boot.FileInitramfs) }, "boot file", Fail, "initramfs is empty"},
		{"no interface", func(t *testing.T, d *Doctor) { d.Config.Bench.Interface = "nonesuch0" }, "bench interface", Fail, "ip -brief link"},
		{"no interface: ports", func(t *testing.T, d *Doctor) { d.Config.Bench.Interface = "nonesuch0" }, "ports", Fail, "not examined"},
		{"no interface: DHCP", func(t *testing.T, d *Doctor) { d.Config.Bench.Interface = "nonesuch0" }, "other DHCP", Fail, "not looked for"},
		{"other address", func(t *testing.T, d *Doctor) { d.Config.Bench.Address = netip.MustParsePrefix("10.77.0.1/24") }, "bench interface", Fail, "ip address add 10.77.0.1/24 dev lo"},
		{"other prefix", func(t *testing.T, d *Doctor) { d.Config.Bench.Address = netip.MustParsePrefix("127.0.0.1/24") }, "bench interface", Fail, "does not have the address"},
		{"address not there: ports", func(t *testing.T, d *Doctor) { d.Config.Bench.Address = netip.MustParsePrefix("10.77.0.1/24") }, "port for TFTP", Fail, "does not have the address"},
		{"running", func(t *testing.T, d *Doctor) { d.Running = true }, "ports", OK, "running controller"},
		{"another DHCP server", found("10.77.0.1", "10.77.0.254"), "other DHCP", Fail, "10.77.0.1, 10.77.0.254 answers"},
		{"only our own DHCP server", found("127.0.0.1"), "other DHCP", OK, ""},
		{"no permission to look", fails(os.ErrPermission), "other DHCP", Warn, "as root"},
		{"the controller is looking", running(fails(unix.EADDRINUSE)), "other DHCP", Warn, "ten seconds"},
		{"a DHCP client has the port", fails(unix.EADDRINUSE), "other DHCP", Warn, "could not be looked for"},
		{"proxy mode, the site's server", proxy(found("10.77.0.254")), "other DHCP", OK, "10.77.0.254 gives the addresses"},
		{"proxy mode, no server", proxy(found("127.0.0.1")), "other DHCP", Fail, "start the site's DHCP server"},
		{"proxy mode: ports", proxy(addressElsewhere), "port for PXE", Fail, "port 4011"},
		{"ports", addressElsewhere, "port for PXE", "not examined", ""},
		{"look cancelled", fails(context.Canceled), "other DHCP", Fail, "interrupted"},
		{"clock before the build", func(t *testing.T, d *Doctor) { d.Built = time.Now().Add(time.Hour) }, "clock", Fail, "set the clock"},
		{"profile without its image", func(t *testing.T, d *Doctor) { d.Config.Profiles[0].Image = "debian12" }, "profile erase", Fail, "regain image add --name debian12"},
		{"no image yet", func(*testing.T, *Doctor) {}, "master images", Warn, "none yet"},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := doctor(t)
			test.harm(t, d)
			level, text := find(d.Examine(t.Context()), test.what)
			if level != test.level || !strings.Contains(text, test.says) {
				t.Errorf("%s: %s %q, want %s with %q", test.what, level, text, test.level, test.says)
			}
		})
	}
}

func TestChangesNothing(t *testing.T) {
	d := doctor(t)
	d.Examine(t.Context())
	left, err := os.ReadDir(d.Config.StateDir)
	if err != nil || len(left) != 0 {
		t.Errorf("an examination made %v, %v", left, err)
	}
}

func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if all := doctor(t).Examine(ctx); Worst(all) != Fail {
		t.Errorf("an interrupted examination says %v", all)
	}
}

func TestWorst(t *testing.T) {
	for _, test := range []struct {
		levels []Level
		want   Level
	}{{nil, OK}, {[]Level{OK, Warn, OK}, Warn}, {[]Level{Fail, Warn}, Fail}, {[]Level{Warn, Fail, OK}, Fail}} {
		var all []Finding
		for _, l := range test.levels {
			all = append(all, Finding{Level: l})
		}
		if got := Worst(all); got != test.want {
			t.Errorf("%v: %s, want %s", test.levels, got, test.want)
		}
	}
}

func found(addrs ...string) func(*testing.T, *Doctor) {
	return func(_ *testing.T, d *Doctor) {
		d.Probe = func(context.Context, string) (all []netip.Addr, _ error) {
			for _, a := range addrs {
				all = append(all, netip.MustParseAddr(a))
			}
			return all, nil
		}
	}
}

// proxy is harm in mode "proxy".
func proxy(harm func(*testing.T, *Doctor)) func(*testing.T, *Doctor) {
	return func(t *testing.T, d *Doctor) {
		d.Config.Bench.Mode = config.ModeProxy
		harm(t, d)
	}
}

// running is harm beside a running controller.
func running(harm func(*testing.T, *Doctor)) func(*testing.T, *Doctor) {
	return func(t *testing.T, d *Doctor) {
		d.Running = true
		harm(t, d)
	}
}

func addressElsewhere(_ *testing.T, d *Doctor) {
	d.Config.Bench.Address = netip.MustParsePrefix("10.77.0.1/24")
}

func fails(err error) func(*testing.T, *Doctor) {
	return func(_ *testing.T, d *Doctor) {
		d.Probe = func(context.Context, string) ([]netip.Addr, error) { return nil, err }
	}
}

func chmod(t *testing.T, path string, mode os.FileMode) { check(t, os.Chmod(path, mode)) }

func remove(t *testing.T, dir, name string) { check(t, os.Remove(filepath.Join(dir, name))) }

func truncate(t *testing.T, dir, name string) { check(t, os.Truncate(filepath.Join(dir, name), 0)) }

func check(t *testing.T, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}
