package control

import (
	"context"
	"fmt"

	"regain.example/imager"
)

func stopped(s imager.Session) error {
	return fmt.Errorf("%w: %s: an operator must look at this machine and release it, then restart it", imager.ErrStopped, s.Stopped)
}

// halt stops every session of a machine that may speak, and all work on it.
func (c *Controller) halt(ctx context.Context, number int, other *imager.Session, why string) error {
	err := c.change(ctx, number, func(w *work) error {
		if w.s != nil && w.s.Stopped == "" {
			w.s.Stopped, w.dirty = why, true
		}
		if other != nil && (w.s == nil || other.ID != w.s.ID) {
			o, err := c.store.Session(ctx, other.ID)
			if err != nil {
				return err
			}
			o.Stopped, w.dirty = why, true
			w.others = append(w.others, o)
		}
		if w.m.Halted == "" {
			w.m.Halted = why
			w.say(actorController, "all work on this machine is stopped: %s", why)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return stopped(imager.Session{Stopped: why})
}
