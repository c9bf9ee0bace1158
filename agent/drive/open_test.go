package drive_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"regain.example/agent/api"
	"regain.example/agent/drive"
	"regain.example/agent/drive/drivetest"
)

// loopHost is a host with one drive, "sdx", behind which is a loop device.
type loopHost struct {
	*drive.Host
	sys, loop string
	drive     api.Drive
}

func newLoopHost(t *testing.T, size int64, sector int) loopHost {
	t.Helper()
	if os.Getuid() != 0 {
		t.Fatal("loop devices need root: run the tests as root")
	}
	image := filepath.Join(t.TempDir(), "image")
	if err := os.WriteFile(image, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(image, size); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("losetup", "--find", "--show", "--sector-size", strconv.Itoa(sector), image).Output()
	if err != nil {
		t.Fatal("losetup:", err)
	}
	loop := strings.TrimSpace(string(out))
	t.Cleanup(func() { exec.Command("losetup", "--detach", loop).Run() })
	var st unix.Stat_t
	if err := unix.Stat(loop, &st); err != nil {
		t.Fatal(err)
	}
	dev := t.TempDir()
	if err := unix.Mknod(filepath.Join(dev, "sdx"), unix.S_IFBLK|0o600, int(st.Rdev)); err != nil {
		t.Fatal(err)
	}
	sys := drivetest.Sysfs(t, drivetest.QEMU, disk("pci0000:00/0000:00:17.0/ata7/host10/target10:0:0/10:0:0:0/block/sdx",
		fmt.Sprintf("size=%d", size/512), fmt.Sprintf("dev=%d:%d", unix.Major(st.Rdev), unix.Minor(st.Rdev)),
		fmt.Sprintf("queue/logical_block_size=%d", sector))...)
	h := loopHost{Host: drive.NewHost(sys, dev, answers{}), sys: sys, loop: loop}
	h.drive, err = h.Identify(api.Drive{Node: "sdx"})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func (h loopHost) set(t *testing.T, attribute, value string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(h.sys, "block/sdx", attribute), []byte(value), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestOpenReadsAndWrites(t *testing.T) {
	for _, sector := range []int{512, 4096} {
		h := newLoopHost(t, 1<<20+4096, sector)
		d, err := h.Open(h.drive)
		if err != nil {
			t.Fatal(err)
		}
		if d.Size() != 1<<20+4096 || d.LogicalSector() != sector {
			t.Errorf("size %d, sector %d", d.Size(), d.LogicalSector())
		}
		want := drive.Buffer(sector)
		copy(want, "written")
		if _, err := d.WriteAt(want, 1<<20); err != nil {
			t.Error(err)
		}
		if err := d.Flush(); err != nil {
			t.Error(err)
		}
		got := drive.Buffer(sector)
		if _, err := d.ReadAt(got, 1<<20); err != nil || !bytes.Equal(got, want) {
			t.Errorf("read %.10q, %v", got, err)
		}
		if _, err := d.ReadAt(got[:sector/2], 0); err == nil {
			t.Errorf("half a sector of %d can be read: this is no direct I/O", sector)
		}
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestOpenIsExclusive(t *testing.T) {
	h := newLoopHost(t, 1<<20, 512)
	d, err := h.Open(h.drive)
	if err != nil {
		t.Fatal(err)
	}
	if second, err := h.Open(h.drive); err == nil {
		second.Close()
		t.Error("opened twice")
	}
	d.Close()
	d, err = h.Open(h.drive)
	if err != nil {
		t.Fatal("after close:", err)
	}
	d.Close()
}

func TestOpenRefusesAMountedDrive(t *testing.T) {
	h := newLoopHost(t, 16<<20, 512)
	if out, err := exec.Command("mkfs.ext4", "-q", h.loop).CombinedOutput(); err != nil {
		t.Fatalf("mkfs.ext4: %v: %s", err, out)
	}
	at := t.TempDir()
	if err := unix.Mount(h.loop, at, "ext4", 0, ""); err != nil {
		t.Fatal(err)
	}
	defer unix.Unmount(at, 0)
	if d, err := h.Open(h.drive); err == nil {
		d.Close()
		t.Error("a mounted drive was opened")
	}
}

func TestOpenRefusesAnotherDrive(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*testing.T, loopHost, *api.Drive)
		want   error
	}{
		"other model":  {func(t *testing.T, _ loopHost, d *api.Drive) { d.Model = "other" }, drive.ErrChanged},
		"other serial": {func(t *testing.T, _ loopHost, d *api.Drive) { d.Serial = "other" }, drive.ErrChanged},
		"other size":   {func(t *testing.T, h loopHost, _ *api.Drive) { h.set(t, "size", "4096") }, drive.ErrChanged},
		"sysfs and node differ in size": {func(t *testing.T, h loopHost, d *api.Drive) {
			h.set(t, "size", "4096")
			d.SizeBytes = 4096 * 512
		}, drive.ErrChanged},
		"other sector": {func(_ *testing.T, _ loopHost, d *api.Drive) { d.LogicalSector = 4096 }, drive.ErrChanged},
		"other device": {func(t *testing.T, h loopHost, _ *api.Drive) { h.set(t, "dev", "7:99") }, drive.ErrChanged},
		"gone":         {func(t *testing.T, h loopHost, _ *api.Drive) { os.Remove(filepath.Join(h.sys, "block/sdx")) }, drive.ErrGone},
		"no node":      {func(t *testing.T, _ loopHost, d *api.Drive) { d.Node = "sdq" }, drive.ErrGone},
		"excluded":     {func(t *testing.T, _ loopHost, d *api.Drive) { d.Excluded = "boot medium" }, drive.ErrRefused},
		"on no bus":    {func(t *testing.T, _ loopHost, d *api.Drive) { d.Bus = api.BusUnknown }, drive.ErrRefused},
	} {
		h := newLoopHost(t, 1<<20, 512)
		d := h.drive
		c.change(t, h, &d)
		dev, err := h.Open(d)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, not %v", name, err, c.want)
		}
		if err == nil {
			dev.Close()
		}
	}
}
