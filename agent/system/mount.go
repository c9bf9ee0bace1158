// Package system is what the first process of a bench owes its kernel: the file
// systems that programs expect, and the way out, to a restart or to power off.
package system

import (
	"errors"
	"fmt"
	"os"

	"github.com/u-root/u-root/pkg/mount"
	"golang.org/x/sys/unix"
)

// Run is where the agent keeps what must outlive a crash of it, but not a boot.
const Run = "/run/regain"

// Mount mounts what the agent reads from: /proc, /sys, /dev, /run and /tmp. It
// goes on after an error, and returns all of them: a bench that shows half is
// better than one that shows nothing.
func Mount() error {
	var errs []error
	for _, m := range []struct {
		path, kind, data string
		flags            uintptr
	}{
		{"/proc", "proc", "", unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC},
		{"/sys", "sysfs", "", unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC},
		{"/sys/kernel/security", "securityfs", "", unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC}, // the lockdown mode
		{"/dev", "devtmpfs", "", unix.MS_NOSUID},
		{"/run", "tmpfs", "size=16m,mode=755", unix.MS_NOSUID | unix.MS_NODEV},
		{"/tmp", "tmpfs", "size=16m", unix.MS_NOSUID | unix.MS_NODEV},
	} {
		mkdir := func() error { return os.MkdirAll(m.path, 0o755) }
		if _, err := mount.Mount(m.kind, m.path, m.kind, m.data, m.flags, mkdir); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(append(errs, os.MkdirAll(Run, 0o700))...)
}

// BootedByUEFI reports whether the kernel was started by UEFI firmware.
func BootedByUEFI() bool {
	_, err := os.Stat("/sys/firmware/efi")
	return err == nil
}

// MountEFI mounts the firmware's variables, on a machine that was booted by
// UEFI. The module efivarfs must be loaded.
func MountEFI() error {
	const path = "/sys/firmware/efi/efivars"
	_, err := mount.Mount("efivarfs", path, "efivarfs", "", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC)
	if errors.Is(err, unix.EBUSY) { // mounted before a crash of the agent
		return nil
	}
	return err
}

// Release returns the kernel's release, such as "6.1.0-56-amd64".
func Release() (string, error) {
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		return "", fmt.Errorf("uname: %w", err)
	}
	return unix.ByteSliceToString(u.Release[:]), nil
}
