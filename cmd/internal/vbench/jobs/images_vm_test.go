//go:build vm

package jobs

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"regain.example/cmd/internal/vbench"
	"regain.example/imager"
)

// TestImageFaults has master images that are damaged after the approval, and
// such that do not fit the machine. The bench's screen and the page say what is
// wrong, and the operator can go on: in the end a sound image is installed in
// the same boot.
func TestImageFaults(t *testing.T) {
	state := offered(t)
	disk := tinyDisk(t, 512)
	for _, name := range []string{"corrupt", "truncated", "forged"} {
		addImage(t, state, name, disk)
	}
	addImage(t, state, "large", disk, "--min-drive", "1073741824")
	addImage(t, state, "uefi-only", disk, "--firmware", "uefi")
	addImage(t, state, "sectors", tinyDisk(t, 4096), "--sector", "4096", "--firmware", "bios,uefi")
	b := newBench(t, 10*time.Minute, settings{image: "tiny", state: state,
		more: []string{"corrupt", "truncated", "forged", "large", "uefi-only", "sectors"}})
	drive := b.drive(vbench.SATA, "FAULTS", 24<<20)
	m := b.machine("bench-1", drive)
	b.powerOn(m)
	v := b.registered(1)

	for _, c := range []struct{ profile, says string }{
		{"large", "small"}, {"uefi-only", "firmware"}, {"sectors", "4096"},
	} {
		_, err := b.Approve(b.ctx, v, c.profile)
		if !errors.Is(err, imager.ErrConflict) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("profile %s was not refused with a word on %q: %v", c.profile, c.says, err)
		}
	}
	images := filepath.Join(b.StateDir(), "images")
	for _, c := range []struct {
		profile, says string
		spoil         func(file string) error
	}{
		{"corrupt", "frame", flipMiddle},
		{"truncated", "short", func(file string) error { return os.Truncate(file, 2<<20) }},
		{"forged", "sign", func(file string) error {
			sig := strings.TrimSuffix(file, ".img.zst") + ".json.minisig"
			other, err := os.ReadFile(filepath.Join(images, "tiny.json.minisig"))
			if err != nil {
				return err
			}
			return os.WriteFile(sig, other, 0o600)
		}},
	} {
		t.Run(c.profile, func(t *testing.T) {
			if _, err := b.Approve(b.ctx, v, c.profile); err != nil {
				t.Fatal(err)
			}
			if err := c.spoil(filepath.Join(images, c.profile+".img.zst")); err != nil {
				t.Fatal(err)
			}
			failed := b.state(1, imager.JobInstallFailed)
			if !strings.Contains(failed.Job.Reason, c.says) {
				t.Errorf("the page says %q, without a word on %q", failed.Job.Reason, c.says)
			}
			if err := m.AwaitConsole(b.ctx, failed.Job.Reason[:min(40, len(failed.Job.Reason))]); err != nil {
				t.Errorf("the bench's screen does not say it: %v", err)
			}
			if err := b.Client().Stop(b.ctx, 1, "the image is damaged"); err != nil {
				t.Fatal(err)
			}
			b.state(1, imager.JobCancelled)
		})
	}
	b.approve(b.registered(1))
	b.state(1, imager.JobInstalled)
	m.PowerCut()
	b.wiped(drive)
}

// flipMiddle changes one byte in the middle of a file.
func flipMiddle(file string) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	data[len(data)/2] ^= 1
	return os.WriteFile(file, data, 0o600)
}

// TestNoDrive approves nothing on a machine without drives, and says so.
func TestNoDrive(t *testing.T) {
	b := newBench(t, 3*time.Minute, settings{})
	m := b.machine("bench-1")
	b.powerOn(m)
	b.registered(1)
	_, err := b.Client().Approve(b.ctx, imager.Approval{Machine: 1, Profile: "main"})
	if !errors.Is(err, imager.ErrConflict) || !strings.Contains(err.Error(), "no drive") {
		t.Errorf("a machine without drives: %v", err)
	}
}
