package bench_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"regain.example/imager"
)

// TestWrongClock: nothing is approved by a clock that is not set or was stepped
// back, since approvals expire by it.
func TestWrongClock(t *testing.T) {
	for name, c := range map[string]struct {
		built time.Duration // after now
		step  time.Duration
	}{"not set": {built: time.Hour}, "stepped back": {built: -time.Hour, step: -time.Minute}} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, r *rig) {
				step := time.Duration(0)
				r.config.Built = time.Now().Add(c.built)
				r.config.Now = func() time.Time { return time.Now().Add(step) }
				r.restart()
				r.on(inventory(drive(0)))
				step = c.step
				_, err := r.c.Approve(t.Context(), "alice", r.approval(1, "erase"))
				if !errors.Is(err, imager.ErrConflict) || !strings.Contains(err.Error(), "clock") {
					t.Errorf("approved: %v", err)
				}
				if w := r.view(1).Waiting; !strings.Contains(w, "clock") {
					t.Errorf("the page says %q", w)
				}
			})
		})
	}
}
