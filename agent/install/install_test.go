package install

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"regain.example/agent/api"
	"regain.example/agent/drive"
	"regain.example/agent/firmware"
)

// The sizes are no multiple of a frame, those of the drives no multiple of the
// 1 MiB to which partitions are aligned.
func TestRun(t *testing.T) {
	for _, c := range []struct {
		name        string
		sector      int
		raw, drive  int64
		zeroRead    bool
		wantSkipped bool
	}{
		{"512", 512, 40<<20 + 3*512, 61<<20 + 7*512, false, false},
		{"512, drive read as zeros", 512, 40<<20 + 3*512, 61<<20 + 7*512, true, true},
		{"4096", 4096, 40<<20 + 3*4096, 61<<20 + 7*4096, false, false},
		{"drive as large as the image", 512, 40<<20 + 512, 40<<20 + 512, false, false},
		{"drive one sector larger", 512, 40 << 20, 40<<20 + 512, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			img := pack(t, rawDisk(t, c.raw, c.sector), c.sector, nil)
			dev := newMemDrive(c.drive, c.sector)
			if c.zeroRead {
				clear(dev.data)
			}
			job := benchJob(t, img, dev, nil)
			job.ZeroRead = c.zeroRead
			var esp firmware.ESP
			job.PutFirst = func(_ context.Context, e firmware.ESP) (string, error) { esp = e; return "Boot0007", nil }
			ev := Run(context.Background(), job)
			checkGood(t, ev, img, c.wantSkipped)
			checkExact(t, ev, img, dev)
			checkTable(t, dev)
			checkSeed(t, dev, job.Order.Seed)
			if want := uint64(2 << 20 / c.sector); esp.Number != 2 || esp.FirstLBA != want || esp.Blocks != 2*want {
				t.Errorf("boot entry for %+v, want partition 2 at %d, %d blocks", esp, want, 2*want)
			}
			checkPhases(t, job.Reporter.(*recorder), uint64(c.raw))
		})
	}
}

func checkGood(t *testing.T, ev api.InstallEvidence, img *image, skipped bool) {
	t.Helper()
	total := len(img.m.Frames)
	if ev.Error != "" || !ev.Flushed || len(ev.Mismatches) > 0 || ev.BootEntry != "Boot0007, first in BootOrder" {
		t.Fatalf("evidence: %+v", ev)
	}
	if ev.FramesTotal != total || ev.FramesVerified != total || ev.FramesWritten+ev.FramesSkipped != total {
		t.Errorf("frames: %+v, want %d", ev, total)
	}
	if (ev.FramesSkipped > 0) != skipped {
		t.Errorf("%d frames skipped", ev.FramesSkipped)
	}
	if ev.BytesFetched == 0 || (!skipped && ev.BytesWritten != img.m.RawBytes) {
		t.Errorf("bytes: %+v", ev)
	}
}

// checkExact holds the drive against the image: they differ nowhere but in the
// ranges that the evidence lists. Behind the image nothing was touched.
func checkExact(t *testing.T, ev api.InstallEvidence, img *image, dev *memDrive) {
	t.Helper()
	want := slices.Repeat([]byte{0xa5}, len(dev.data))
	if ev.FramesSkipped > 0 {
		clear(want)
	}
	copy(want, img.raw)
	got := slices.Clone(dev.data)
	var whys []string
	for _, p := range ev.Personalised {
		clear(want[p.Offset : p.Offset+p.Length])
		clear(got[p.Offset : p.Offset+p.Length])
		whys = append(whys, p.Why)
	}
	if !bytes.Equal(got, want) {
		t.Error("the drive differs from the image outside the personalised ranges")
	}
	for _, why := range []string{"backup GPT", "protective MBR", "primary GPT header", "NoCloud seed"} {
		if !slices.Contains(whys, why) {
			t.Errorf("no %q among %q", why, whys)
		}
	}
	if bytes.Contains(dev.data, []byte("old seed: must not survive")) {
		t.Error("the image's own seed is still on the drive")
	}
}

// checkTable asks sgdisk for its opinion.
func checkTable(t *testing.T, dev *memDrive) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "drive")
	if err := os.WriteFile(file, dev.data, 0o600); err != nil {
		t.Fatal(err)
	}
	disk := file
	if dev.sector != 512 {
		disk = loop(t, file, dev.sector)
	}
	if out := tool(t, "sgdisk", "-v", disk); !strings.Contains(out, "No problems found") {
		t.Errorf("sgdisk -v: %s", out)
	}
	out := tool(t, "sgdisk", "-i", "4", disk)
	end := (len(dev.data)/dev.sector - 16384/dev.sector - 1) / (1 << 20 / dev.sector) * (1 << 20 / dev.sector)
	if want := fmt.Sprintf("Last sector: %d ", end-1); !strings.Contains(out, want) && len(dev.data) > 50<<20 {
		t.Errorf("partition 4: %s, want %q", out, want)
	}
}

// checkSeed reads the seed with mtools and fsck.vfat.
func checkSeed(t *testing.T, dev *memDrive, seed map[string][]byte) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "seed")
	if err := os.WriteFile(file, dev.data[6<<20:8<<20], 0o600); err != nil {
		t.Fatal(err)
	}
	tool(t, "fsck.vfat", "-n", "-v", file)
	if out := tool(t, "mdir", "-i", file, "::"); !strings.Contains(out, "is CIDATA") {
		t.Errorf("mdir: %s", out)
	}
	for name, want := range seed {
		if got := tool(t, "mtype", "-i", file, "::/"+name); got != string(want) {
			t.Errorf("%s holds %q, want %q", name, got, want)
		}
	}
}

func checkPhases(t *testing.T, r *recorder, raw uint64) {
	t.Helper()
	want := []api.Phase{api.PhaseInstall, api.PhaseCheck, api.PhasePersonalise, api.PhaseBootEntry}
	if !slices.Equal(r.began, want) || !slices.Equal(r.ended, want) {
		t.Errorf("phases began %v, ended %v", r.began, r.ended)
	}
	if r.bytes[api.PhaseInstall] != raw || r.bytes[api.PhaseCheck] != raw {
		t.Errorf("bytes %v, want %d", r.bytes, raw)
	}
	if r.progress < len(want) {
		t.Errorf("progress was told %d times", r.progress)
	}
}

var _ drive.Device = (*memDrive)(nil)
