package erase

import (
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"regain.example/agent/api"
	"regain.example/agent/drive"
	"regain.example/agent/proof"
)

// loopDisk is a loop device on a file in memory, opened for direct I/O.
type loopDisk struct {
	*os.File
	size int64
}

func (d loopDisk) Flush() error       { return d.Sync() }
func (d loopDisk) Size() int64        { return d.size }
func (d loopDisk) LogicalSector() int { return 512 }

// loopBench is a bench whose drive is a loop device.
type loopBench struct {
	*bench
	node string
}

func (b loopBench) Open(api.Drive) (drive.Device, error) {
	f, err := os.OpenFile(b.node, os.O_RDWR|unix.O_DIRECT|unix.O_EXCL, 0)
	return loopDisk{f, int64(b.drive.SizeBytes)}, err
}

func newLoopBench(t testing.TB, size int) loopBench {
	t.Helper()
	if os.Getuid() != 0 {
		t.Fatal("loop devices need root: run the tests as root")
	}
	dir, err := os.MkdirTemp("/dev/shm", "regain-erase")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	image := filepath.Join(dir, "image")
	if err := os.WriteFile(image, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(image, int64(size)); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("losetup", "--find", "--show", "--direct-io=off", image).Output()
	if err != nil {
		t.Fatal("losetup:", err)
	}
	node := strings.TrimSpace(string(out))
	t.Cleanup(func() { exec.Command("losetup", "--detach", node).Run() })
	b := newBench(512, 512)
	b.drive.SizeBytes = uint64(size)
	return loopBench{b, node}
}

// The whole path over the kernel's block layer: what is on the file afterwards
// is the pattern.
func TestOverwriteOfABlockDevice(t *testing.T) {
	b := newLoopBench(t, 5*mib+512)
	f, err := os.OpenFile(b.node, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(oldData(5*mib+512, 512)); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	c := b.config(func() time.Duration { return time.Since(began) })
	c.Drives = b
	got := New(c, []Work{{b.order(api.VerifyFull, api.MethodOverwrite), b.drive}}).Drive(t.Context(), 0)
	if complaint := notClean(got.Evidence); complaint != "" {
		t.Fatal(complaint)
	}
	f, err = os.Open(b.node)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	medium, err := io.ReadAll(f)
	if err != nil || len(medium) != 5*mib+512 {
		t.Fatalf("%d bytes, %v", len(medium), err)
	}
	p, err := proof.New(proof.Generator(got.Evidence.Attempts[0].Overwrite.Pattern), proof.DomainOverwrite, b.order("").Seed, b.drive.ID())
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i*proof.Unit < len(medium); i++ {
		if !p.Equal(medium[i*proof.Unit:min(len(medium), (i+1)*proof.Unit)], uint64(i)) {
			t.Errorf("unit %d is not the pattern", i)
		}
	}
}

// Compare "overwrite" and "read back" with "raw write" and "raw read", which
// move the same bytes the same way and make or compare nothing.
func BenchmarkLoopDevice(b *testing.B) {
	const size = 256 * mib
	l := newLoopBench(b, size)
	c := l.config(func() time.Duration { return 0 })
	c.Drives = l
	t := &Target{Drive: l.drive, Order: l.order(api.VerifyFull), Config: c, generator: proof.Fastest()}
	t.phases = newPhases(&l.log, t.Order.Drive, t.Elapsed)
	pattern, err := t.pattern(t.generator, proof.DomainOverwrite)
	if err != nil {
		b.Fatal(err)
	}
	raw := func(move func(drive.Device, []byte, int64) error) func() error {
		return func() error {
			dev, err := l.Open(l.drive)
			if err != nil {
				return err
			}
			defer dev.Close()
			return eachUnit(b.Context(), 0, size, func(buf []byte, index uint64) error {
				return move(dev, buf, int64(index)*proof.Unit)
			})
		}
	}
	for _, c := range []struct {
		name string
		do   func() error
	}{
		{"raw write", raw(writeAll)},
		{"overwrite", func() error {
			seen := &api.Attempt{}
			return paced(b.Context(), t, seen, true, func(ctx context.Context, p *pacer) error {
				return (&pass{t: t, pattern: pattern}).write(ctx, p, seen)
			})
		}},
		{"raw read", raw(readAll)},
		{"read back", func() error { return readBack(b.Context(), t, pattern, &api.Attempt{}) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(size)
			var before, after unix.Rusage
			unix.Getrusage(unix.RUSAGE_SELF, &before)
			for range b.N {
				if err := c.do(); err != nil {
					b.Fatal(err)
				}
			}
			unix.Getrusage(unix.RUSAGE_SELF, &after)
			used := time.Duration(after.Utime.Nano() + after.Stime.Nano() - before.Utime.Nano() - before.Stime.Nano())
			b.ReportMetric(used.Seconds()/float64(b.N)*(1<<30)/size, "cpu-s/GiB")
		})
	}
}
