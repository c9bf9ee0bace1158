package run

import (
	"testing"
	"testing/synctest"
	"time"

	"regain.example/agent/api"
	"regain.example/agent/console"
)

// A machine that nobody approves waits for ever, says for what, and does nothing,
// whatever is pressed and however often it is told to wait.
func TestWaitsForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(disk("sda", "1"))
		follow(t, b, func(a *Agent) {
			a.Registered(api.MachineLabel{Number: 7, Name: "Dell OptiPlex"})
			for _, what := range []string{"Waiting for approval", "All work on it is stopped", "Waiting for approval"} {
				a.Order(api.Order{Kind: api.OrderWait, Machine: api.MachineLabel{Number: 7}, Message: what})
				for range 7 {
					time.Sleep(24 * time.Hour)
					select {
					case b.keys <- struct{}{}:
					default:
					}
				}
				if v := b.shown(); v.Mood != console.Calm || v.Machine != 7 || v.Title != "Waiting" || v.Message != what || v.Countdown != 0 {
					t.Errorf("the screen shows %+v, not that it waits: %s", v, what)
				}
			}
		})
		if len(b.erased) > 0 || b.journaled > 0 || b.left != "" || b.told() != "" {
			t.Errorf("it erased %v, began %d times, left by %q, told %q", b.erased, b.journaled, b.left, b.told())
		}
	})
}
