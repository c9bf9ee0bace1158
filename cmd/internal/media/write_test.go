package media

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"regain.example/cmd/internal/loopdev"
)

func image() []byte { return bytes.Repeat([]byte("an image for a stick "), 150_000) } // about 3 MiB

func TestWriteFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "stick.img")
	if err := WriteFile(t.Context(), path, bytes.NewReader(image()), false); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, image()) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	if err := WriteFile(t.Context(), path, bytes.NewReader([]byte("other")), false); !errors.Is(err, os.ErrExist) {
		t.Errorf("an older file: %v", err)
	}
	if err := WriteFile(t.Context(), path, bytes.NewReader([]byte("other")), true); err != nil {
		t.Error(err)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != "other" {
		t.Errorf("replaced by %.20q, %v", got, err)
	}
}

// TestCancelled: a cancelled write is no success, and leaves nothing that looks
// like one.
func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	path := filepath.Join(t.TempDir(), "stick.img")
	if err := WriteFile(ctx, path, bytes.NewReader(image()), false); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// changing is an image that is another one when it is read again, as seen from a
// drive that does not keep what is written to it.
type changing struct {
	*bytes.Reader
	reads int
}

func (c *changing) Seek(offset int64, whence int) (int64, error) {
	c.reads++
	if c.reads == 2 {
		other := image()
		other[2<<20] ^= 1
		c.Reader = bytes.NewReader(other)
	}
	return c.Reader.Seek(offset, whence)
}

// TestCompares: one bit that differs is found.
func TestCompares(t *testing.T) {
	path := filepath.Join(t.TempDir(), "stick.img")
	if err := WriteFile(t.Context(), path, &changing{Reader: bytes.NewReader(image())}, false); !errors.Is(err, ErrDiffers) {
		t.Errorf("%v, want ErrDiffers", err)
	}
}

// TestWriteDevice writes to a block device, which must not be in use.
func TestWriteDevice(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root: a loop device is made")
	}
	dev, err := loopdev.New(t.TempDir(), 8<<20, 512)
	if err != nil {
		t.Fatal(err)
	}
	defer dev.Close()
	if !IsDevice(dev.Path()) || IsDevice(dev.File()) || IsDevice("/dev/null") || IsDevice("/nowhere") {
		t.Error("what is a block device is not told from what is none")
	}
	held, err := os.OpenFile(dev.Path(), os.O_RDONLY|unix.O_EXCL, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := WriteDevice(t.Context(), dev.Path(), bytes.NewReader(image())); !errors.Is(err, ErrInUse) {
		t.Errorf("a device that is in use: %v", err)
	}
	held.Close()
	if err := WriteDevice(t.Context(), dev.Path(), bytes.NewReader(image())); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(dev.Path())
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	got := make([]byte, len(image()))
	if _, err := io.ReadFull(f, got); err != nil || !bytes.Equal(got, image()) {
		t.Errorf("the device holds something else: %v", err)
	}
}
