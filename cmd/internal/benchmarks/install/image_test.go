//go:build bench

package install

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"regain.example/agent/api"
	"regain.example/agent/drive"
	"regain.example/cmd/internal/benchmarks/measure"
	"regain.example/images/catalogue"
	"regain.example/images/manifest"
)

// master is a signed image in a catalogue of its own.
type master struct {
	catalogue.Image
	dir    string
	public string
}

// newMaster makes the image of a raw disk of the given number of runs: each is
// data MiB from an archive of /usr, then zeros MiB of zeros.
func newMaster(b *testing.B, name string, runs, data, zeros int64) *master {
	b.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "regain-bench-")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { os.RemoveAll(dir) })
	raw := filepath.Join(dir, "raw")
	lay(b, raw, runs, data<<20, zeros<<20)
	defer os.Remove(raw)
	key, err := catalogue.SigningKey(filepath.Join(dir, "key"))
	if err != nil {
		b.Fatal(err)
	}
	c, err := catalogue.Open(dir, key)
	if err != nil {
		b.Fatal(err)
	}
	added, err := c.Add(b.Context(), raw, catalogue.Options{Name: name, LogicalSector: 512,
		Firmware: []manifest.Firmware{manifest.UEFI}, Tool: "benchmark", Now: time.Now()})
	if err != nil {
		b.Fatal(err)
	}
	return &master{Image: added.Image, dir: dir, public: c.PublicKey()}
}

// lay writes the raw disk.
func lay(b *testing.B, path string, runs, data, zeros int64) {
	b.Helper()
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	tar := exec.Command("tar", "-c", "--sort=name", "-C", "/usr", "lib", "share", "bin")
	out, err := tar.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := tar.Start(); err != nil {
		b.Fatal(err)
	}
	for i := range runs {
		at := io.NewOffsetWriter(f, i*(data+zeros))
		if _, err := io.CopyN(at, out, data); err != nil {
			b.Fatalf("/usr holds too little for the benchmark's image: %v", err)
		}
	}
	out.Close() // which ends tar
	_ = tar.Wait()
	if err := f.Truncate(runs * (data + zeros)); err != nil {
		b.Fatal(err)
	}
	measure.Command(b, "sgdisk", "--clear", "--new=1:0:0", path) // without one it is refused
}

// order is the order to install the image on d from a server.
func (m *master) order(d *measure.Drive, base string) api.InstallOrder {
	return api.InstallOrder{Job: "bench", Drive: d.ID(), Image: m.Manifest.Name, BaseURL: base,
		ManifestSHA256: m.ManifestSHA256, PublicKey: m.public}
}

// same fails unless the drive holds the image, whoever brought it there.
func (m *master) same(b *testing.B, d *measure.Drive) {
	b.Helper()
	dev, err := d.Open(d.Drive)
	if err != nil {
		b.Fatal(err)
	}
	defer dev.Close()
	buf := drive.Buffer(manifest.FrameBytes)
	for i, f := range m.Manifest.Frames {
		raw := buf[:f.Raw]
		if _, err := dev.ReadAt(raw, int64(i)*manifest.FrameBytes); err != nil {
			b.Fatal(err)
		}
		if sum := sha256.Sum256(raw); hex.EncodeToString(sum[:]) != f.SHA256 {
			b.Fatalf("frame %d on the drive is not the image's", i)
		}
	}
}
