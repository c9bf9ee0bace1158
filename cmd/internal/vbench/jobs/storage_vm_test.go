//go:build vm

package jobs

import (
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"regain.example/agent/api"
	"regain.example/cmd/internal/vbench"
	"regain.example/imager"
)

// TestStorageFull fills the controller's disk during an erasure. The bench says
// so on its screen and goes on; when there is room again, the job ends well.
func TestStorageFull(t *testing.T) {
	small := filepath.Join(t.TempDir(), "small")
	if err := os.Mkdir(small, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mount("tmpfs", small, "tmpfs", 0, "size=8m,mode=700"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(small, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	b := newBench(t, 5*time.Minute, settings{dir: filepath.Join(small, "appliance")})
	drive := b.drive(vbench.SATA, "FULL", 48<<20)
	drive.BytesPerSecond = slow
	m := b.machine("bench-1", drive)
	b.powerOn(m)
	b.approve(b.registered(1))
	b.await(1, "erases", under(api.PhaseErase))
	filler := filepath.Join(small, "filler")
	fill(t, filler)
	if err := m.AwaitConsole(b.ctx, "cannot store"); err != nil {
		t.Error(err)
	}
	v, err := b.Client().Machine(b.ctx, 1)
	if err != nil || v.Job.State != imager.JobErasing {
		t.Errorf("with a full disk the machine is %s, %v", vbench.Describe(v), err)
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	b.state(1, imager.JobDone)
	m.PowerCut()
	b.wiped(drive)
}

// fill writes until nothing more fits.
func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := io.Copy(f, zeros{}); err == nil {
		t.Fatal("the disk has no end")
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }
