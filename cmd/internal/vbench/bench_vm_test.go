//go:build vm

package vbench

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// pxe starts dnsmasq on the wire: another implementation of DHCP and TFTP, by
// which the bench is tried alone.
func pxe(t *testing.T, w *Wire, dir string) {
	t.Helper()
	for _, f := range []string{"undionly.kpxe", "snponly.efi"} {
		b, err := os.ReadFile("/usr/lib/ipxe/" + f)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, f), b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	script := "#!ipxe\necho bench-reached-script\npoweroff\n"
	if err := os.WriteFile(filepath.Join(dir, "script"), []byte(script), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("dnsmasq", "--keep-in-foreground", "--port=0", "--user=root",
		"--conf-file=/dev/null", "--pid-file=", "--bind-interfaces", "--interface="+Bridge,
		"--dhcp-leasefile="+filepath.Join(dir, "leases"),
		"--dhcp-range=10.77.0.50,10.77.0.99", "--enable-tftp", "--tftp-root="+dir,
		"--dhcp-match=set:ipxe,175", "--dhcp-match=set:efi,option:client-arch,7",
		"--dhcp-boot=tag:ipxe,script",
		"--dhcp-boot=tag:!ipxe,tag:efi,snponly.efi",
		"--dhcp-boot=tag:!ipxe,tag:!efi,undionly.kpxe")
	cmd.Stderr = os.Stderr
	if _, err := w.Start(cmd); err != nil {
		t.Fatal(err)
	}
}

// TestNetworkBoot powers machines of both firmwares on against a foreign boot
// server: what a failure here shows is the bench's.
func TestNetworkBoot(t *testing.T) {
	w, err := NewWire()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	pxe(t, w, dir)

	for _, firmware := range []Firmware{BIOS, UEFI} {
		t.Run(string(firmware), func(t *testing.T) {
			disk := filepath.Join(t.TempDir(), "disk")
			if err := os.WriteFile(disk, make([]byte, 1<<20), 0o600); err != nil {
				t.Fatal(err)
			}
			m, err := w.NewMachine(Config{
				Name: string(firmware), Dir: t.TempDir(), Firmware: firmware,
				Drives: []Drive{
					{Bus: NVMe, Path: disk, Serial: "N1"},
				},
			})
			if err != nil {
				t.Fatal(err)
			}
			if err := m.PowerOn(Start{NetworkFirst: true}); err != nil {
				t.Fatal(err)
			}
			defer m.PowerCut()
			if err := m.PowerOn(Start{}); !errors.Is(err, ErrPower) {
				t.Errorf("powering on what is on: %v, want ErrPower", err)
			}
			ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
			defer cancel()
			began := time.Now()
			// The script powers the machine off: nothing else does.
			if err := m.AwaitOff(ctx); err != nil {
				_ = m.Screenshot(filepath.Join(os.TempDir(), "vbench-"+string(firmware)+".png"))
				t.Fatal(err)
			}
			t.Logf("script reached and off again after %v", time.Since(began).Round(time.Second))
		})
	}
}
