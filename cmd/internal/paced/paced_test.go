package paced

import (
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"regain.example/agent/drive"
	"regain.example/cmd/internal/loopdev"
)

// TestLimit writes 32 MiB to a device that is held to 32 MiB/s and wants it to
// take about a second, where a memory file takes some hundredths.
func TestLimit(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("needs root, for a loop device and a control group")
	}
	dev, err := loopdev.New(t.TempDir(), 32<<20, 512)
	if err != nil {
		t.Fatal(err)
	}
	defer dev.Close()
	g, err := New()
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := g.Close(); err != nil {
			t.Error(err)
		}
	}()
	major, minor, err := dev.Number()
	if err != nil {
		t.Fatal(err)
	}
	if err := g.Limit(major, minor, 32<<20); err != nil {
		t.Fatal(err)
	}
	if err := g.Enter(); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(dev.Path(), os.O_WRONLY|unix.O_DIRECT, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	began := time.Now()
	buf := drive.Buffer(1 << 20)
	for range 32 {
		if _, err := f.Write(buf); err != nil {
			t.Fatal(err)
		}
	}
	if took := time.Since(began); took < 600*time.Millisecond {
		t.Errorf("32 MiB at 32 MiB/s took %v: the limit does not hold", took)
	}
}
