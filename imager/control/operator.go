package control

import (
	"context"
	"fmt"

	"regain.example/imager"
	"regain.example/imager/plan"
	"regain.example/images/manifest"
)

// Profiles returns the profiles of the configuration.
func (c *Controller) Profiles(context.Context) ([]imager.Profile, error) { return c.cfg.Profiles, nil }

// Stop ends the machine's job. While an agent works on it, the agent is ordered
// to stop, and the job ends when the agent says that it has.
func (c *Controller) Stop(ctx context.Context, actor string, machine int, reason string) error {
	return c.change(ctx, machine, func(w *work) error {
		if w.j == nil || w.j.State.Ended() {
			return fmt.Errorf("stop machine %d: %w: no job is under way", machine, imager.ErrConflict)
		}
		why := clean(fmt.Sprintf("stopped by %s: %s", actor, reason))
		switch w.j.State {
		case imager.JobApproved:
			return w.become(actor, imager.JobVoid, why)
		case imager.JobErasing, imager.JobInstalling, imager.JobAccepted:
			w.j.Stopping = why
			w.say(actor, "%s", why)
			if w.s != nil && w.j.Session == w.s.ID && c.now.online(w.s.ID, w.now) {
				return nil // the agent says when, and in what state
			}
		}
		return w.cancel(actor, why)
	})
}

// Retry installs again after a failed installation, or once more.
func (c *Controller) Retry(ctx context.Context, actor string, machine int) error {
	return c.change(ctx, machine, func(w *work) error {
		if w.j == nil || w.j.State != imager.JobInstallFailed && w.j.State != imager.JobInstalled {
			return fmt.Errorf("retry machine %d: %w: it has no failed installation", machine, imager.ErrConflict)
		}
		if w.m.Halted != "" {
			return fmt.Errorf("retry machine %d: %w: it is stopped (%s): release it first", machine, imager.ErrConflict, w.m.Halted)
		}
		if w.s == nil {
			return fmt.Errorf("retry machine %d: %w: start it from the network first", machine, imager.ErrConflict)
		}
		if difference := plan.Changed(approvedSet(w.j), w.m.Inventory.Drives); difference != "" {
			return fmt.Errorf("retry machine %d: %w: %s: stop the job and approve again", machine, imager.ErrConflict, difference)
		}
		if why := c.protected(w.m); why != "" {
			return fmt.Errorf("retry machine %d: %w: %s", machine, imager.ErrConflict, why)
		}
		if err := c.installable(w); err != nil {
			return fmt.Errorf("retry machine %d: %w: %w", machine, imager.ErrConflict, err)
		}
		if err := w.become(actor, imager.JobInstalling, "installation ordered again by "+actor); err != nil {
			return err
		}
		w.j.Installing = ""
		w.bootAgain()
		if w.sampled() {
			c.orderInstall(w)
		}
		return nil
	})
}

// Release lifts a halt, or gives up what a finished machine was: it starts the
// agent again, and waits for approval. A job under way ends.
func (c *Controller) Release(ctx context.Context, actor string, machine int) error {
	return c.change(ctx, machine, func(w *work) error {
		if w.j != nil && w.m.Halted == "" && !w.j.State.Ended() {
			return fmt.Errorf("release machine %d: %w: its job is %s: stop that first", machine, imager.ErrConflict, w.j.State)
		}
		w.m.Halted, w.m.Released = "", true
		w.say(actor, "released")
		if w.j == nil || w.j.State.Ended() {
			return nil
		}
		why := "given up when " + actor + " released the machine"
		if w.j.State == imager.JobApproved {
			return w.become(actor, imager.JobVoid, why)
		}
		return w.cancel(actor, why)
	})
}

// Confirm takes the operator's word that an installed machine runs.
func (c *Controller) Confirm(ctx context.Context, actor string, machine int) error {
	return c.change(ctx, machine, func(w *work) error {
		if w.j == nil || w.j.State != imager.JobInstalled {
			return fmt.Errorf("confirm machine %d: %w: it does not wait for its first start", machine, imager.ErrConflict)
		}
		if w.j.Image.Confirm != manifest.ConfirmOperator {
			return fmt.Errorf("confirm machine %d: %w: its image calls by itself at its first start", machine, imager.ErrConflict)
		}
		w.j.FirstBoot = &imager.FirstBootCall{At: w.now, By: actor}
		return w.become(actor, imager.JobDone, actor+" says that it runs")
	})
}
