package media

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

// fake is a sysfs with one drive, "sdb", that has the number of the block device
// node, and one partition.
type fake struct {
	t    *testing.T
	host Host
	dir  string // of the drive
	path string // of a device node whose number is the drive's
}

func newFake(t *testing.T, bus string) *fake {
	t.Helper()
	root := t.TempDir()
	f := &fake{t: t, host: Host{Sys: filepath.Join(root, "sys"), Proc: filepath.Join(root, "proc")}}
	f.dir = filepath.Join(f.host.Sys, "devices/pci0000:00", bus, "block/sdb")
	f.path = "/dev/null" // any node will do: only its number is read
	var st unix.Stat_t
	if err := unix.Stat(f.path, &st); err != nil {
		t.Fatal(err)
	}
	number := fmt.Sprintf("%d:%d", unix.Major(st.Rdev), unix.Minor(st.Rdev))
	f.write(filepath.Join(f.dir, "dev"), number)
	f.write(filepath.Join(f.dir, "size"), "204800") // 100 MiB
	f.write(filepath.Join(f.dir, "removable"), "0")
	f.write(filepath.Join(f.dir, "device/vendor"), "SanDisk ")
	f.write(filepath.Join(f.dir, "device/model"), "Ultra           ")
	f.write(filepath.Join(f.dir, "sdb1/partition"), "1")
	f.write(filepath.Join(f.dir, "sdb1/dev"), "8:17")
	f.write(filepath.Join(f.host.Proc, "self/mountinfo"), "22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw\n")
	f.write(filepath.Join(f.host.Proc, "swaps"), "Filename Type Size Used Priority\n/dev/sda2 partition 1 0 -2\n")
	by := filepath.Join(f.host.Sys, "dev/block")
	if err := errors.Join(os.MkdirAll(by, 0o700), os.Symlink(f.dir, filepath.Join(by, number))); err != nil {
		t.Fatal(err)
	}
	return f
}

func (f *fake) write(path, text string) {
	f.t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text+"\n"), 0o600)); err != nil {
		f.t.Fatal(err)
	}
}

// TestCheck: what is in use, built in, or too small is not written to. Force helps
// with the second only.
func TestCheck(t *testing.T) {
	const usb, sata = "0000:00:14.0/usb2/2-1/2-1:1.0/host6/target6:0:0/6:0:0:0", "0000:00:17.0/ata1/host0/target0:0:0/0:0:0:0"
	const small, large = 50 << 20, 101 << 20
	for name, test := range map[string]struct {
		bus    string
		change func(*fake)
		image  int64
		plain  error // without --force
		forced error
	}{
		"stick":     {usb, func(*fake) {}, small, nil, nil},
		"built in":  {sata, func(*fake) {}, small, ErrBuiltIn, nil},
		"removable": {sata, func(f *fake) { f.write(filepath.Join(f.dir, "removable"), "1") }, small, nil, nil},
		"mounted": {usb, func(f *fake) {
			f.write(filepath.Join(f.host.Proc, "self/mountinfo"), "30 22 1:3 / /media/stick rw - vfat /dev/sdb rw")
		}, small, ErrInUse, ErrInUse},
		"part mounted": {usb, func(f *fake) {
			f.write(filepath.Join(f.host.Proc, "self/mountinfo"), "30 22 8:17 / /media/stick rw - vfat /dev/sdb1 rw")
		}, small, ErrInUse, ErrInUse},
		"part is swap":   {usb, func(f *fake) { f.write(filepath.Join(f.host.Proc, "swaps"), "/dev/sdb1 partition 1 0 -2") }, small, ErrInUse, ErrInUse},
		"part of a RAID": {usb, func(f *fake) { f.write(filepath.Join(f.dir, "sdb1/holders/md0"), "") }, small, ErrInUse, ErrInUse},
		"held":           {sata, func(f *fake) { f.write(filepath.Join(f.dir, "holders/dm-0"), "") }, small, ErrInUse, ErrInUse},
		"too small":      {usb, func(*fake) {}, large, ErrSmall, ErrSmall},
	} {
		f := newFake(t, test.bus)
		test.change(f)
		d, err := f.host.Inspect(f.path)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if d.Node != "sdb" || d.Model != "SanDisk Ultra" || d.Bytes != 100<<20 {
			t.Errorf("%s: %+v", name, d)
		}
		if err := d.Check(test.image, false); !errors.Is(err, test.plain) || (err == nil) != (test.plain == nil) {
			t.Errorf("%s: %v, want %v", name, err, test.plain)
		}
		if err := d.Check(test.image, true); !errors.Is(err, test.forced) || (err == nil) != (test.forced == nil) {
			t.Errorf("%s, forced: %v, want %v", name, err, test.forced)
		}
	}
}

// TestNotWhole: a partition is no drive, and unknown numbers are refused.
func TestNotWhole(t *testing.T) {
	f := newFake(t, "0000:00:14.0/usb2")
	f.write(filepath.Join(f.dir, "partition"), "1")
	if _, err := f.host.Inspect(f.path); !errors.Is(err, ErrNotWhole) {
		t.Errorf("%v, want ErrNotWhole", err)
	}
	if err := os.RemoveAll(filepath.Join(f.host.Sys, "dev")); err != nil {
		t.Fatal(err)
	}
	if _, err := f.host.Inspect(f.path); err == nil {
		t.Error("a device that the kernel does not know was taken")
	}
}

// TestUnknownUse: if it cannot be told what is mounted, nothing is written.
func TestUnknownUse(t *testing.T) {
	f := newFake(t, "0000:00:14.0/usb2")
	if err := os.RemoveAll(f.host.Proc); err != nil {
		t.Fatal(err)
	}
	if d, err := f.host.Inspect(f.path); err == nil {
		t.Errorf("%+v, in use by %v", d, slices.Concat(d.Uses))
	}
}
