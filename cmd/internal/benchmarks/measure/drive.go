package measure

import (
	"errors"
	"io/fs"
	"os"
	"testing"

	"golang.org/x/sys/unix"

	"regain.example/agent/api"
	"regain.example/agent/drive"
	"regain.example/cmd/internal/loopdev"
)

// Drive is a drive of which the memory is the medium: a loop device on tmpfs.
type Drive struct {
	api.Drive
	Loop *loopdev.Device
}

// NewDrive makes a drive of size bytes. Its pages are all taken before it is
// measured. The file behind it has no name, so that nothing stays if the
// benchmark is killed.
func NewDrive(tb testing.TB, size int64) *Drive {
	tb.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "regain-bench-")
	if err != nil {
		tb.Fatal(err)
	}
	defer os.RemoveAll(dir)
	loop, err := loopdev.New(dir, size, 512)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := loop.Close(); err != nil && !errors.Is(err, fs.ErrNotExist) {
			tb.Error(err)
		}
	})
	Command(tb, "dd", "if=/dev/zero", "of="+loop.Path(), "bs=4M", "oflag=direct", "iflag=count_bytes", "conv=notrunc",
		"count="+itoa(size), "status=none")
	return &Drive{
		Drive: api.Drive{Node: loop.Node, Bus: api.BusATA, Model: "Loop", Serial: loop.Node,
			SizeBytes: uint64(size), LogicalSector: 512, PhysicalSector: 4096},
		Loop: loop,
	}
}

// Open opens the drive as the agent opens a real one: alone and past the caches.
func (d *Drive) Open(api.Drive) (drive.Device, error) {
	f, err := os.OpenFile("/dev/"+d.Node, os.O_RDWR|unix.O_DIRECT|unix.O_EXCL, 0)
	if err != nil {
		return nil, err
	}
	return device{f, int64(d.SizeBytes)}, nil
}

type device struct {
	*os.File
	size int64
}

func (d device) Flush() error       { return d.Sync() }
func (d device) Size() int64        { return d.size }
func (d device) LogicalSector() int { return 512 }
