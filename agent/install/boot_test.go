package install

import (
	"context"
	"strings"
	"testing"

	"regain.example/agent/api"
	"regain.example/agent/firmware"
)

// No answer of the firmware makes the installation fail, and each is recorded.
func TestBootEntry(t *testing.T) {
	uefi := api.Firmware{Kind: api.FirmwareUEFI}
	for _, c := range []struct {
		name     string
		firmware api.Firmware
		esp      *firmware.ESP
		entry    string
		err      error
		asked    bool
		want     string
	}{
		{"BIOS", api.Firmware{Kind: api.FirmwareBIOS}, &firmware.ESP{}, "", nil, false, "none: BIOS boots its first disk"},
		{"no ESP", uefi, nil, "", nil, false, "none: the image has no EFI system partition"},
		{"done", uefi, &firmware.ESP{}, "Boot0003", nil, true, "Boot0003, first in BootOrder"},
		{"refused", uefi, &firmware.ESP{}, "", firmware.ErrRefused, true, "none: the firmware refuses"},
		{"old entry stays", uefi, &firmware.ESP{}, "Boot0003", firmware.ErrRefused, true, "Boot0003, first in BootOrder (the firmware refuses"},
	} {
		t.Run(c.name, func(t *testing.T) {
			asked := false
			job := Job{Firmware: c.firmware, Reporter: &recorder{}, PutFirst: func(context.Context, firmware.ESP) (string, error) {
				asked = true
				return c.entry, c.err
			}}
			if got := bootEntry(context.Background(), job, c.esp); !strings.HasPrefix(got, c.want) || asked != c.asked {
				t.Errorf("%q (asked %v), want %q", got, asked, c.want)
			}
		})
	}
}
