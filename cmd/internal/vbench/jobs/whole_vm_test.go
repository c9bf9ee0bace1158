//go:build vm

package jobs

import (
	"context"
	"testing"
	"time"

	"regain.example/cmd/internal/mainjob"
	"regain.example/cmd/internal/vbench"
	"regain.example/imager"
)

// TestMainJob is the demo, for each firmware: from power-on to the first boot of
// the installed Debian. UEFI without Secure Boot takes the same way as with it, and
// may do more: it is one of the long jobs.
func TestMainJob(t *testing.T) {
	kinds := []vbench.Firmware{vbench.SecureBoot, vbench.BIOS, vbench.UEFI}
	if !long {
		kinds = kinds[:2]
	}
	for _, firmware := range kinds {
		t.Run(string(firmware), func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), 15*time.Minute)
			defer cancel()
			last := 0
			sum, err := mainjob.Run(ctx, mainjob.Config{
				Firmware: firmware, Build: built(t, "."), Out: t.ArtifactDir(),
				// BIOS firmware went by the network at its first boot already. UEFI
				// takes the same way with Secure Boot on and off.
				Again: firmware == vbench.SecureBoot,
				Step:  t.Logf,
				View: func(v imager.View) {
					for n := len(v.Log) - last; n > 0; n-- {
						t.Log(v.Log[n-1].Text)
					}
					last = max(last, len(v.Log))
				},
			})
			if err != nil {
				t.Fatal(err)
			}
			if sum.FirstBoot == nil || sum.FirstBoot.Call.Hostname != "pc-1" || sum.FirstBoot.Call.MachineID == "" {
				t.Errorf("first boot %+v", sum.FirstBoot)
			}
			if len(sum.OldData) != 2 || sum.Image == nil || sum.Image.Compared == 0 {
				t.Errorf("the host looked at %d drives; image %+v", len(sum.OldData), sum.Image)
			}
		})
	}
}
