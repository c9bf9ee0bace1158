package install

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"regain.example/agent/api"
	"regain.example/images/manifest"
)

// benchBytes is the raw size of the benchmark's image.
const benchBytes = 512 << 20

// BenchmarkWrite measures the pipeline against what a person would type: both
// bring the same image from the same local server to the same loop device on
// tmpfs, with direct I/O. The aim is a ratio of 1.5.
func BenchmarkWrite(b *testing.B) {
	img := pack(b, diskLike(benchBytes), 512, nil)
	dev := loopDrive(b, benchBytes+1<<20)
	job := benchJob(b, img, dev, nil)
	var ours, pipe time.Duration
	for b.Loop() {
		began := time.Now()
		var ev api.InstallEvidence
		if err := write(context.Background(), job, dev, newSource(job), img.m, &ev); err != nil {
			b.Fatal(err)
		}
		ours += time.Since(began)

		began = time.Now()
		url := job.Order.BaseURL + img.m.Name + ".img.zst"
		tool(b, "sh", "-c", fmt.Sprintf("curl -sf %s | zstd -dcq | dd of=%s bs=4M iflag=fullblock oflag=direct conv=fsync,notrunc status=none", url, dev.Name()))
		pipe += time.Since(began)
	}
	rate := func(d time.Duration) float64 { return float64(b.N) * benchBytes / 1e6 / d.Seconds() }
	b.ReportMetric(rate(ours), "MB/s")
	b.ReportMetric(rate(pipe), "pipe-MB/s")
	b.ReportMetric(rate(ours)/rate(pipe), "ratio")
	b.ReportMetric(float64(len(img.m.Frames))*manifest.FrameBytes/float64(img.m.CompressedBytes), "compression")
}

// loopDrive is a loop device on tmpfs, opened for direct I/O.
func loopDrive(b *testing.B, size int64) *fileDrive {
	b.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "regain-bench-")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { os.RemoveAll(dir) })
	file := filepath.Join(dir, "drive")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		b.Fatal(err)
	}
	if err := os.Truncate(file, size); err != nil {
		b.Fatal(err)
	}
	f, err := os.OpenFile(loop(b, file, 512), os.O_RDWR|syscall.O_DIRECT, 0)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { f.Close() })
	return &fileDrive{f, size}
}

// fileDrive is a Device over an open block device.
type fileDrive struct {
	*os.File
	size int64
}

func (d *fileDrive) Flush() error       { return d.Sync() }
func (d *fileDrive) Size() int64        { return d.size }
func (d *fileDrive) LogicalSector() int { return 512 }

// diskLike makes n bytes that compress about as well as an installed system, some
// 3 to 1: words, with stretches that do not compress. There are no zero frames,
// which would flatter the pipeline.
func diskLike(n int) []byte {
	r := rand.New(rand.NewPCG(1, 2))
	words := make([][]byte, 2000)
	for i := range words {
		words[i] = make([]byte, 4+r.IntN(12))
		for j := range words[i] {
			words[i][j] = byte('a' + r.IntN(26))
		}
	}
	src := rand.NewChaCha8([32]byte{2})
	out := make([]byte, 0, n+4096)
	for len(out) < n {
		if r.IntN(2000) == 0 {
			noise := out[len(out) : len(out)+2000]
			src.Read(noise)
			out = out[:len(out)+len(noise)]
			continue
		}
		out = append(out, words[r.IntN(len(words))]...)
	}
	return out[:n]
}
