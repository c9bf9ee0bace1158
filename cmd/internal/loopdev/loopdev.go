// Package loopdev makes loop devices for tests and benchmarks. They vanish when
// their owner closes them or dies.
package loopdev

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// Device is a loop device over a file.
type Device struct {
	Node string // such as "loop3"
	held *os.File
	back *os.File
}

// New returns a loop device of size bytes over a new file in dir, with the given
// logical sector size (512 or 4096). Pages of the file are taken as they are
// written.
func New(dir string, size int64, logicalSector int) (*Device, error) {
	f, err := os.CreateTemp(dir, "loop-*.raw")
	if err != nil {
		return nil, fmt.Errorf("make loop device: %w", err)
	}
	d := &Device{back: f}
	err = f.Truncate(size)
	if err == nil {
		err = d.attach(logicalSector)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("make loop device: %w", err), d.Close())
	}
	return d, nil
}

// Path is the device's path in /dev.
func (d *Device) Path() string { return "/dev/" + d.Node }

// File is the path of the file behind the device.
func (d *Device) File() string { return d.back.Name() }

// Number returns the device's major and minor number.
func (d *Device) Number() (major, minor uint32, err error) {
	var st unix.Stat_t
	if err := unix.Fstat(int(d.held.Fd()), &st); err != nil {
		return 0, 0, fmt.Errorf("stat %s: %w", d.Node, err)
	}
	return unix.Major(st.Rdev), unix.Minor(st.Rdev), nil
}

// attach takes free devices until one is ours: another process may be quicker.
func (d *Device) attach(logicalSector int) error {
	control, err := os.OpenFile("/dev/loop-control", os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer control.Close()
	for range 64 {
		n, err := unix.IoctlRetInt(int(control.Fd()), unix.LOOP_CTL_GET_FREE)
		if err != nil {
			return fmt.Errorf("find a free loop device: %w", err)
		}
		node := fmt.Sprintf("loop%d", n)
		held, err := os.OpenFile("/dev/"+node, os.O_RDWR, 0)
		if err != nil {
			return err
		}
		config := unix.LoopConfig{Fd: uint32(d.back.Fd()), Size: uint32(logicalSector)}
		config.Info.Flags = unix.LO_FLAGS_AUTOCLEAR
		err = unix.IoctlLoopConfigure(int(held.Fd()), &config)
		if err == nil {
			d.Node, d.held = node, held
			return nil
		}
		held.Close()
		if !errors.Is(err, unix.EBUSY) {
			return fmt.Errorf("configure %s: %w", node, err)
		}
	}
	return errors.New("no loop device stayed free")
}

// Close detaches the device and removes its file.
func (d *Device) Close() error {
	var err error
	if d.held != nil {
		err = d.held.Close()
	}
	return errors.Join(err, d.back.Close(), os.Remove(d.back.Name()))
}
