package catalogue

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"regain.example/images/frames"
	"regain.example/images/manifest"
)

// Options say what an image is. Name is required; what is left empty is found out
// from the disk, as each field says.
type Options struct {
	Name  string
	Title string
	// LogicalSector in bytes; 0 for what the partition table was made for.
	LogicalSector uint32
	// MinDriveBytes; 0 for the raw disk's size.
	MinDriveBytes uint64
	// Firmware; empty for what the disk seems to be made for.
	Firmware []manifest.Firmware
	// Grow is the partition that grows; 0 for none. It must be the last.
	Grow     int
	Identity manifest.Identity // "" for none
	Confirm  manifest.Confirm  // "" for first-boot with an identity, else operator
	// Tool goes into the provenance, such as "regain 1.2".
	Tool string
	// Now is the time of the provenance.
	Now time.Time
	// Progress is called with the raw bytes packed so far, and the raw size
	// or 0 where it is not known beforehand. It may be nil.
	Progress func(done, total uint64)
}

// Added is what Add put into the catalogue.
type Added struct {
	Image
	// Warnings are for the person who added the image.
	Warnings []string
}

// Add makes a master image of the file source: a raw disk, one compressed with
// zstd, or a qcow2 file. It checks, packs and signs it, and puts it in place so that
// it is listed whole or not at all. Errors wrap ErrExists, ErrSource or
// manifest.ErrInvalid, or are of the disk.
func (c *Catalogue) Add(ctx context.Context, source string, o Options) (Added, error) {
	added, err := c.add(ctx, source, o)
	if err != nil {
		return Added{}, fmt.Errorf("add master image %q from %s: %w", o.Name, source, err)
	}
	return added, nil
}

func (c *Catalogue) add(ctx context.Context, path string, o Options) (Added, error) {
	if err := o.check(path); err != nil {
		return Added{}, err
	}
	unlock, err := c.lock()
	if err != nil {
		return Added{}, err
	}
	defer unlock()
	if _, err := os.Stat(c.path(o.Name, signatureEnding)); err == nil {
		return Added{}, fmt.Errorf("%w: choose another name, such as %s-2", ErrExists, o.Name)
	}
	src, err := openSource(path)
	if err != nil {
		return Added{}, err
	}
	defer src.Close()
	// What can be refused at once is, before minutes of packing.
	if src.at != nil {
		if _, err := examine(src.at, src.size, o); err != nil {
			return Added{}, err
		}
	}
	work, err := os.MkdirTemp(c.dir, addingPrefix)
	if err != nil {
		return Added{}, err
	}
	defer os.RemoveAll(work)
	packed, err := packInto(ctx, filepath.Join(work, "body"), src, o)
	if err != nil {
		return Added{}, err
	}
	sum, err := src.sum()
	if err != nil {
		return Added{}, err
	}
	return c.finish(work, path, sum, packed, o)
}

// finish examines what was packed, describes and signs it, and puts the three files
// in place, the signature last.
func (c *Catalogue) finish(work, source, sum string, p frames.Packed, o Options) (Added, error) {
	found, err := examinePacked(filepath.Join(work, "body"), p.Frames, o)
	if err != nil {
		return Added{}, err
	}
	m := found.describe(p, o)
	m.Provenance = o.provenance(source, sum)
	data, err := m.Marshal()
	if err != nil {
		return Added{}, err
	}
	if err := os.Rename(filepath.Join(work, "body"), c.path(m.Name, bodyEnding)); err != nil {
		return Added{}, err
	}
	if err := place(c.path(m.Name, manifestEnding), data, 0o644); err != nil {
		return Added{}, err
	}
	if err := place(c.path(m.Name, signatureEnding), manifest.Sign(c.key, data, m.Name), 0o644); err != nil {
		return Added{}, err
	}
	image, err := c.Get(m.Name)
	return Added{Image: image, Warnings: found.warnings}, err
}

// packInto packs the source into a new file, synced.
func packInto(ctx context.Context, path string, src *source, o Options) (frames.Packed, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return frames.Packed{}, err
	}
	defer f.Close()
	progress := func(done uint64) {
		if o.Progress != nil {
			o.Progress(done, uint64(src.size))
		}
	}
	packed, err := frames.Pack(ctx, f, src.raw, progress)
	if err != nil {
		return frames.Packed{}, err
	}
	if err := f.Sync(); err != nil {
		return frames.Packed{}, err
	}
	return packed, f.Close()
}

// addingPrefix begins the names of directories for images under way.
const addingPrefix = ".adding-"

// ErrBusy: another image is being added.
var ErrBusy = errors.New("another master image is being added: wait until it is done")

// lock lets one Add run at a time, and clears away what a killed one left.
func (c *Catalogue) lock() (unlock func(), err error) {
	f, err := os.OpenFile(filepath.Join(c.dir, ".lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			return nil, ErrBusy
		}
		return nil, fmt.Errorf("lock catalogue: %w", err)
	}
	for _, pattern := range []string{addingPrefix + "*", ".new-*"} {
		left, _ := filepath.Glob(filepath.Join(c.dir, pattern)) // the patterns are well-formed
		for _, path := range left {
			if err := os.RemoveAll(path); err != nil {
				f.Close()
				return nil, err
			}
		}
	}
	return func() { f.Close() }, nil
}
