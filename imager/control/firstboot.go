package control

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"strings"

	"github.com/oklog/ulid/v2"

	"regain.example/agent/api"
	"regain.example/imager"
)

// FirstBoot takes the one call of an installed machine; with it the job is done.
// Any other token, and a second use, is imager.ErrClosed.
func (c *Controller) FirstBoot(ctx context.Context, token string, call api.FirstBoot) error {
	closed := fmt.Errorf("first boot: %w: this token was used, withdrawn, or never given", imager.ErrClosed)
	id, _, _ := strings.Cut(token, ".")
	if _, err := ulid.ParseStrict(id); err != nil {
		return closed
	}
	found, err := c.store.Job(ctx, id)
	if errors.Is(err, imager.ErrNotFound) {
		return closed
	}
	if err != nil {
		return fmt.Errorf("first boot: %w", err)
	}
	sum := sha256.Sum256([]byte(token))
	return c.change(ctx, found.Machine, func(w *work) error {
		j := w.j
		if j == nil || j.ID != id || j.State != imager.JobInstalled || j.FirstBoot != nil ||
			len(j.CallHomeHash) == 0 || subtle.ConstantTimeCompare(sum[:], j.CallHomeHash) != 1 {
			return closed
		}
		call = api.FirstBoot{Hostname: clean(call.Hostname), MachineID: clean(call.MachineID), RootDevice: clean(call.RootDevice)}
		j.FirstBoot = &imager.FirstBootCall{At: w.now, Call: call}
		w.firstBootPhase()
		if call.Hostname != j.Hostname {
			w.say(actorController, "the installed system calls itself %q instead of %q", call.Hostname, j.Hostname)
		}
		return w.become(actorBench, imager.JobDone, fmt.Sprintf("the installed system %q called from %s", call.Hostname, call.RootDevice))
	})
}

// firstBootPhase dates the first boot from the end of the last phase.
func (w *work) firstBootPhase() {
	var began = w.now
	for i := len(w.j.Phases) - 1; i >= 0; i-- {
		if !w.j.Phases[i].Ended.IsZero() {
			began = w.j.Phases[i].Ended
			break
		}
	}
	w.j.Phases = append(w.j.Phases, imager.Phase{Phase: api.PhaseFirstBoot, Began: began, Ended: w.now, Millis: w.now.Sub(began).Milliseconds()})
}
