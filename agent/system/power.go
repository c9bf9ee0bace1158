package system

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// Restart restarts the machine through its firmware. It returns only on error.
func Restart() error { return end("restart", unix.LINUX_REBOOT_CMD_RESTART) }

// PowerOff switches the machine off. It returns only on error.
func PowerOff() error { return end("power off", unix.LINUX_REBOOT_CMD_POWER_OFF) }

func end(what string, cmd int) error {
	unix.Sync()
	if err := unix.Reboot(cmd); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}
