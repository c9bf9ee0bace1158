package frames_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"testing/iotest"

	"regain.example/images/frames"
	"regain.example/images/manifest"
)

// disk returns size bytes: frames that begin with noise, which does not compress,
// frames of text, and frames of zeros, in turn.
func disk(size int) []byte {
	b := make([]byte, size)
	noise := rand.NewChaCha8([32]byte{1})
	for off := 0; off < size; off += manifest.FrameBytes {
		frame := b[off:min(off+manifest.FrameBytes, size)]
		switch off / manifest.FrameBytes % 3 {
		case 0:
			noise.Read(frame[:min(len(frame), 128<<10)])
		case 1:
			for i := range frame {
				frame[i] = byte(i / 100)
			}
		}
	}
	return b
}

func pack(t *testing.T, raw []byte) ([]byte, frames.Packed) {
	t.Helper()
	var out bytes.Buffer
	p, err := frames.Pack(context.Background(), &out, bytes.NewReader(raw), nil)
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes(), p
}

// describe makes a valid manifest around what was packed.
func describe(t *testing.T, p frames.Packed) manifest.Manifest {
	t.Helper()
	m := manifest.Manifest{
		Schema: 1, Name: "x", RawBytes: p.RawBytes, LogicalSector: 512, MinDriveBytes: p.RawBytes,
		Firmware: []manifest.Firmware{manifest.BIOS}, Identity: manifest.IdentityNone, Confirm: manifest.ConfirmOperator,
		Provenance:      manifest.Provenance{Source: "test", SourceSHA256: p.RawSHA256, Created: "2026-11-22T01:40:00Z", Tool: "test"},
		CompressedBytes: p.CompressedBytes, Frames: p.Frames,
	}
	if err := m.Validate(); err != nil {
		t.Fatal(err)
	}
	return m
}

func TestPack(t *testing.T) {
	for _, size := range []int{512, 4096, manifest.FrameBytes - 512, manifest.FrameBytes,
		manifest.FrameBytes + 512, 3 * manifest.FrameBytes, 10*manifest.FrameBytes + 4096} {
		raw := disk(size)
		packed, p := pack(t, raw)
		if sum := sha256.Sum256(raw); p.RawSHA256 != hex.EncodeToString(sum[:]) || p.RawBytes != uint64(size) {
			t.Errorf("%d bytes: Pack says %d bytes of SHA-256 %s", size, p.RawBytes, p.RawSHA256)
		}
		if p.CompressedBytes != uint64(len(packed)) {
			t.Errorf("%d bytes: compressed_bytes %d, wrote %d", size, p.CompressedBytes, len(packed))
		}
		m := describe(t, p)
		if err := frames.Verify(context.Background(), bytes.NewReader(packed), int64(len(packed)), m, nil); err != nil {
			t.Errorf("%d bytes: %v", size, err)
		}
		for i, f := range p.Frames {
			if zero := i%3 == 2; f.Zero != zero {
				t.Errorf("%d bytes: frame %d: zero = %v", size, i, f.Zero)
			}
		}
	}
}

func TestPackIsDeterministic(t *testing.T) {
	raw := disk(9*manifest.FrameBytes + 512)
	first, _ := pack(t, raw)
	second, _ := pack(t, raw)
	if !bytes.Equal(first, second) {
		t.Error("the same disk was packed into different bytes")
	}
}

// Debian's zstd must restore what we pack.
func TestStockZstd(t *testing.T) {
	raw := disk(7*manifest.FrameBytes + 4096)
	packed, _ := pack(t, raw)
	name := filepath.Join(t.TempDir(), "x.img.zst")
	if err := os.WriteFile(name, packed, 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := exec.Command("zstd", "-d", "-c", name).Output()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, raw) {
		t.Error("zstd -d did not restore the raw disk")
	}
}

func TestPackRefusesEmpty(t *testing.T) {
	if _, err := frames.Pack(context.Background(), io.Discard, bytes.NewReader(nil), nil); err == nil {
		t.Error("an empty disk was packed")
	}
}

type failing struct{ after int }

func (f *failing) Write(b []byte) (int, error) {
	if f.after -= len(b); f.after < 0 {
		return 0, errFull
	}
	return len(b), nil
}

func (f *failing) Read(b []byte) (int, error) {
	if f.after -= len(b); f.after < 0 {
		return 0, errFull
	}
	return len(b), nil
}

var errFull = errors.New("no space left on device")

// An error while reading or writing, or a cancelled context, ends the work and is
// never success.
func TestPackFails(t *testing.T) {
	raw := disk(12 * manifest.FrameBytes)
	if _, err := frames.Pack(context.Background(), &failing{300 << 10}, bytes.NewReader(raw), nil); !errors.Is(err, errFull) {
		t.Errorf("full disk: %v", err)
	}
	if _, err := frames.Pack(context.Background(), io.Discard, &failing{10 << 20}, nil); !errors.Is(err, errFull) {
		t.Errorf("source fails: %v", err)
	}
	// What a decompressor says of a file that is cut short is not the end.
	cut := io.MultiReader(bytes.NewReader(raw[:1000]), iotest.ErrReader(io.ErrUnexpectedEOF))
	if _, err := frames.Pack(context.Background(), io.Discard, cut, nil); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("source cut short: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	stop := func(uint64) { cancel() }
	if _, err := frames.Pack(ctx, io.Discard, bytes.NewReader(raw), stop); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	// So small a disk is read whole before its first frame is written.
	ctx, cancel = context.WithCancel(context.Background())
	if _, err := frames.Pack(ctx, io.Discard, bytes.NewReader(raw[:manifest.FrameBytes]), func(uint64) { cancel() }); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled at the end: %v", err)
	}
}
