package install

import (
	"context"
	"fmt"

	"regain.example/agent/api"
	"regain.example/agent/firmware"
)

// bootEntry makes the firmware start the drive, and says what came of it. A
// firmware that refuses is no reason to fail: most start their disk anyway.
func bootEntry(ctx context.Context, job Job, esp *firmware.ESP) string {
	p := begin(job, api.PhaseBootEntry, 0)
	defer p.end()
	if job.Firmware.Kind != api.FirmwareUEFI {
		return "none: BIOS boots its first disk"
	}
	if esp == nil {
		return "none: the image has no EFI system partition"
	}
	put := job.PutFirst
	if put == nil {
		put = firmware.PutFirst
	}
	entry, err := put(ctx, *esp)
	switch {
	case entry == "":
		return fmt.Sprintf("none: %v", err)
	case err != nil:
		return fmt.Sprintf("%s, first in BootOrder (%v)", entry, err)
	}
	return entry + ", first in BootOrder"
}
