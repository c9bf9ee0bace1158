// Package media writes the image of a USB stick to a file or to the stick itself.
package media

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Reasons against writing to a device.
var (
	ErrNotWhole = errors.New("this is no whole drive")
	ErrInUse    = errors.New("the drive is in use")
	ErrBuiltIn  = errors.New("this drive is neither removable nor on USB")
	ErrSmall    = errors.New("the drive is too small")
)

// Device is a block device that an image may be written to.
type Device struct {
	Path  string // as the person named it
	Node  string // the kernel's name, such as "sdb"
	Model string // "" if it tells none
	Bytes int64
	// Portable is set if the kernel calls it removable, or it hangs on USB.
	Portable bool
	// Uses are mount points, swap and what else holds it or a part of it.
	Uses []string
}

// Host is where devices are looked up.
type Host struct{ Sys, Proc string }

// Local is this machine.
func Local() Host { return Host{Sys: "/sys", Proc: "/proc"} }

// IsDevice reports whether path is a block device, links followed.
func IsDevice(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode()&os.ModeDevice != 0 && info.Mode()&os.ModeCharDevice == 0
}

// Inspect says what the block device at path is. A partition is ErrNotWhole.
func (h Host) Inspect(path string) (Device, error) {
	var st unix.Stat_t
	if err := unix.Stat(path, &st); err != nil {
		return Device{}, fmt.Errorf("look at %s: %w", path, err)
	}
	number := fmt.Sprintf("%d:%d", unix.Major(st.Rdev), unix.Minor(st.Rdev))
	dir, err := filepath.EvalSymlinks(filepath.Join(h.Sys, "dev/block", number))
	if err != nil {
		return Device{}, fmt.Errorf("look at %s: %w", path, err)
	}
	if _, err := os.Stat(filepath.Join(dir, "partition")); err == nil {
		return Device{}, fmt.Errorf("%s: %w: name the drive that it is a part of, %s", path, ErrNotWhole, filepath.Base(filepath.Dir(dir)))
	}
	sectors, err := strconv.ParseInt(text(dir, "size"), 10, 64)
	if err != nil {
		return Device{}, fmt.Errorf("size of %s: %w", path, err)
	}
	d := Device{
		Path: path, Node: filepath.Base(dir), Bytes: sectors * 512,
		Model:    strings.TrimSpace(text(dir, "device/vendor") + " " + text(dir, "device/model")),
		Portable: text(dir, "removable") == "1" || strings.Contains(dir, "/usb"),
	}
	d.Uses, err = h.uses(dir)
	return d, err
}

// Check refuses a device that the image must not be written to. Force lets a drive
// pass that is built in; one that is in use never.
func (d Device) Check(image int64, force bool) error {
	switch {
	case len(d.Uses) > 0:
		return fmt.Errorf("%s: %w (%s): unmount it first, if it is the right one", d.Path, ErrInUse, strings.Join(d.Uses, ", "))
	case !d.Portable && !force:
		return fmt.Errorf("%s (%s): %w: if it is the right one all the same, use --force", d.Path, d.Model, ErrBuiltIn)
	case d.Bytes < image:
		return fmt.Errorf("%s: %w: it has %d bytes, the image %d", d.Path, ErrSmall, d.Bytes, image)
	}
	return nil
}

func text(dir, name string) string {
	b, _ := os.ReadFile(filepath.Join(dir, name)) // what is not told is empty
	return strings.TrimSpace(string(b))
}
