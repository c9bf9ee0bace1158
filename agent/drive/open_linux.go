package drive

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"unsafe"

	"golang.org/x/sys/unix"

	"regain.example/agent/api"
	"regain.example/agent/nvme"
)

// Open opens a drive for direct I/O and holds it alone: it fails while a
// partition of it is mounted, used for swap or open exclusively by another
// process. Then, with the node in hand, it identifies the drive again: the
// node must still stand for the drive with the identity of d.
func (h *Host) Open(d api.Drive) (Device, error) {
	if d.Excluded != "" || d.Bus == api.BusUnknown {
		return nil, fmt.Errorf("open %s (%q on bus %q): %w", d.Node, d.Excluded, d.Bus, ErrRefused)
	}
	f, err := openDirect(filepath.Join(h.dev, d.Node))
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", d.Node, err)
	}
	dev, err := h.check(f, d)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", d.Node, err), f.Close())
	}
	return dev, nil
}

func openDirect(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|unix.O_DIRECT|unix.O_EXCL|unix.O_NOFOLLOW, 0)
	switch {
	case errors.Is(err, unix.ENOENT), errors.Is(err, unix.ENXIO), errors.Is(err, unix.ENODEV):
		return nil, fmt.Errorf("%w (%w)", ErrGone, err)
	case errors.Is(err, unix.EBUSY):
		return nil, fmt.Errorf("something else uses it, unmount it first: %w", err)
	}
	return f, err
}

// check compares the open node with what sysfs and the device say now.
func (h *Host) check(f *os.File, d api.Drive) (*disk, error) {
	now, err := h.Identify(d)
	if err != nil {
		return nil, err
	}
	if now.ID() != d.ID() {
		return nil, fmt.Errorf("%w: it was %s, it is %s", ErrChanged, d.ID(), now.ID())
	}
	var st unix.Stat_t
	if err := unix.Fstat(int(f.Fd()), &st); err != nil {
		return nil, fmt.Errorf("stat: %w", err)
	}
	number := fmt.Sprintf("%d:%d", unix.Major(st.Rdev), unix.Minor(st.Rdev))
	if want := attr(filepath.Join(h.sys, "block", d.Node), "dev"); number != want || st.Mode&unix.S_IFMT != unix.S_IFBLK {
		return nil, fmt.Errorf("%w: the node is device %s, not %s", ErrChanged, number, want)
	}
	dev, err := newDisk(f)
	if err != nil {
		return nil, err
	}
	if uint64(dev.size) != d.SizeBytes || dev.sector != int(d.LogicalSector) {
		return nil, fmt.Errorf("%w: it has %d bytes in sectors of %d, not %d in sectors of %d",
			ErrChanged, dev.size, dev.sector, d.SizeBytes, d.LogicalSector)
	}
	if now.NVMe != nil {
		most := attrUint(filepath.Join(h.sys, "block", d.Node), "queue/max_hw_sectors_kb") << 10
		dev.fua, dev.noFUA = nvme.NewFUAReader(f, *now.NVMe, int(min(most, 1<<30)))
	}
	return dev, nil
}

// disk is a block device that is open for direct I/O.
type disk struct {
	f      *os.File
	size   int64
	sector int
	fua    *nvme.FUAReader // nil if noFUA says why
	noFUA  error
}

var errNotNVMe = fmt.Errorf("read with FUA: %w: not an NVMe drive", ErrNoFUA)

// newDisk asks for size and sector and drops what the page cache may hold of
// the disk.
func newDisk(f *os.File) (*disk, error) {
	var size uint64
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, f.Fd(), unix.BLKGETSIZE64, uintptr(unsafe.Pointer(&size))); errno != 0 {
		return nil, fmt.Errorf("get the size: %w", errno)
	}
	sector, err := unix.IoctlGetInt(int(f.Fd()), unix.BLKSSZGET)
	if err != nil {
		return nil, fmt.Errorf("get the sector size: %w", err)
	}
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, f.Fd(), unix.BLKFLSBUF, 0); errno != 0 {
		return nil, fmt.Errorf("drop cached blocks: %w", errno)
	}
	return &disk{f: f, size: int64(size), sector: sector, noFUA: errNotNVMe}, nil
}

func (d *disk) ReadAt(p []byte, off int64) (int, error) {
	n, err := d.f.ReadAt(p, off)
	return n, gone(err)
}

// ReadFUA implements FUAReader.
func (d *disk) ReadFUA(p []byte, off int64) (int, error) {
	if d.fua == nil {
		return 0, d.noFUA
	}
	n, err := d.fua.ReadAt(p, off)
	return n, gone(err)
}

func (d *disk) WriteAt(p []byte, off int64) (int, error) {
	n, err := d.f.WriteAt(p, off)
	return n, gone(err)
}

// Flush asks for the drive's write cache to be written out; fsync on a block
// device sends the flush command.
func (d *disk) Flush() error { return gone(d.f.Sync()) }

func (d *disk) Size() int64        { return d.size }
func (d *disk) LogicalSector() int { return d.sector }
func (d *disk) Close() error       { return d.f.Close() }

// gone marks the errors with which a vanished device answers.
func gone(err error) error {
	if errors.Is(err, unix.ENODEV) || errors.Is(err, unix.ENXIO) {
		return fmt.Errorf("%w (%w)", ErrGone, err)
	}
	return err
}
