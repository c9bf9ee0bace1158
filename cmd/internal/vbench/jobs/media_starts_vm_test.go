//go:build vm && long

package jobs

import (
	"testing"
	"time"

	"regain.example/cmd/internal/vbench"
	"regain.example/imager"
)

// TestMediaStarts starts the same image on a BIOS, and with Secure Boot on, as far
// as the approval.
func TestMediaStarts(t *testing.T) {
	for _, firmware := range []vbench.Firmware{vbench.BIOS, vbench.SecureBoot} {
		t.Run(string(firmware), func(t *testing.T) {
			b := newBench(t, 6*time.Minute, settings{})
			disk := b.drive(vbench.SATA, "DISK", 8<<20)
			m := b.plugAs(firmware, vbench.Config{Name: "bench-1", Drives: []vbench.Drive{b.media("stick.img"), disk}})
			v, code := b.enrols(m)
			if got := v.Machine.Inventory.Firmware; got.SecureBoot != (firmware == vbench.SecureBoot) {
				t.Errorf("firmware: %+v", got)
			}
			b.refuses(v, wrong(code), imager.ErrInvalid)
			if err := b.approveWith(v, code); err != nil {
				t.Fatal(err)
			}
			// The agent has accepted the controller's proof when it begins.
			if err := m.AwaitConsole(b.ctx, "All drives will be erased"); err != nil {
				t.Error(err)
			}
		})
	}
}
