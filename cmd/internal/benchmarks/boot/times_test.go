//go:build bench

package boot

import (
	"context"
	"time"

	"regain.example/boot"
	"regain.example/cmd/internal/vbench"
)

// look is how often the controller is asked; each stage takes longer.
const look = 20 * time.Millisecond

// stages are those of the table, in the order of time.
var stages = []boot.Stage{boot.StageAddress, boot.StageLoader, boot.StageScript, boot.StageKernel, boot.StageInitramfs, boot.StageImage}

// times are when a machine reached each stage.
type times struct {
	began, end time.Time
	at         map[boot.Stage]time.Time
}

func (t times) total() float64 { return t.end.Sub(t.began).Seconds() }

// whole reports whether the machine came to its end.
func (t times) whole() bool { return !t.end.IsZero() }

// follow notes what the controller sees of the machine. Of an address it is the
// first, the firmware's; of loaders the last, which fetches the rest.
func (t times) follow(ctx context.Context, a *vbench.Appliance, mac string) {
	for {
		boots, err := a.Client().Boots(ctx)
		for _, c := range boots.Clients {
			if s := boot.Stage(c.Stage); err == nil && c.MAC == mac {
				if _, known := t.at[s]; !known || s == boot.StageLoader {
					t.at[s] = c.At
				}
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(look):
		}
	}
}
