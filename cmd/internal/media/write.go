package media

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// ErrDiffers: what was read back is not what was written.
var ErrDiffers = errors.New("the drive does not hold what was written to it: use another one")

const block = 1 << 20

// WriteFile writes the image to a new file. A file that is there already is kept
// unless replace is set.
func WriteFile(ctx context.Context, path string, image io.ReadSeeker, replace bool) error {
	if _, err := os.Lstat(path); err == nil && !replace {
		return fmt.Errorf("%s: %w: give another name, or --force to replace it", path, os.ErrExist)
	}
	part := path + ".part"
	f, err := os.OpenFile(part, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return err
	}
	err = writeAndCompare(ctx, f, image, func() error { return nil })
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", path, err), os.Remove(part))
	}
	return os.Rename(part, path)
}

// WriteDevice writes the image to a device that was checked, and compares what the
// device holds then. The device must not be in use.
func WriteDevice(ctx context.Context, path string, image io.ReadSeeker) error {
	f, err := os.OpenFile(path, os.O_RDWR|unix.O_EXCL, 0)
	if errors.Is(err, unix.EBUSY) {
		return fmt.Errorf("write %s: %w: %w", path, ErrInUse, err)
	}
	if err != nil {
		return err
	}
	err = writeAndCompare(ctx, f, image, func() error {
		// Without it the page cache would be compared, not the device.
		return ioctl(f, unix.BLKFLSBUF)
	})
	if err == nil {
		// The kernel looks for the new partition; a device that cannot have any
		// says no, and that does no harm.
		_ = ioctl(f, unix.BLKRRPART)
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

func writeAndCompare(ctx context.Context, f *os.File, image io.ReadSeeker, drop func() error) error {
	if err := eachBlock(ctx, image, func(at int64, b []byte) error {
		_, err := f.WriteAt(b, at)
		return err
	}); err != nil {
		return err
	}
	if err := errors.Join(f.Sync(), drop()); err != nil {
		return err
	}
	held := make([]byte, block)
	return eachBlock(ctx, image, func(at int64, b []byte) error {
		if _, err := f.ReadAt(held[:len(b)], at); err != nil {
			return fmt.Errorf("read back: %w", err)
		}
		if !bytes.Equal(held[:len(b)], b) {
			return fmt.Errorf("from byte %d: %w", at, ErrDiffers)
		}
		return nil
	})
}

// eachBlock calls do with each block of the image, from its beginning.
func eachBlock(ctx context.Context, image io.ReadSeeker, do func(at int64, b []byte) error) error {
	if _, err := image.Seek(0, io.SeekStart); err != nil {
		return err
	}
	b := make([]byte, block)
	for at := int64(0); ; {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := io.ReadFull(image, b)
		if n > 0 {
			if err := do(at, b[:n]); err != nil {
				return err
			}
			at += int64(n)
		}
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			return nil
		case err != nil:
			return err
		}
	}
}

func ioctl(f *os.File, request uintptr) error {
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, f.Fd(), request, 0); errno != 0 {
		return errno
	}
	return nil
}
