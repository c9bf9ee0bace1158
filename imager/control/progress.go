package control

import (
	"context"

	"regain.example/agent/api"
	"regain.example/imager"
)

// Progress takes note of how far a session's work is. It is kept in memory; the
// offsets go to disk at most once a minute.
func (c *Controller) Progress(ctx context.Context, session string, p api.Progress) error {
	s, err := c.live(ctx, session)
	if err != nil {
		return err
	}
	now := c.clock.now()
	m, err := c.store.Machine(ctx, s.Machine)
	if err != nil || m.Session != session || m.Job == "" || m.Job != p.Job || len(p.Drives) > maxDrives {
		return err // what belongs to no job of this session may be lost
	}
	c.now.mu.Lock()
	c.now.progress[m.Number] = progress{now, p}
	last, known := c.now.offsets[p.Job]
	if !known {
		c.now.offsets[p.Job] = now
	}
	due := known && now.Sub(last) >= offsetEvery
	if due {
		c.now.offsets[p.Job] = now
	}
	c.now.show(m.Number)
	c.now.mu.Unlock()
	if !due {
		return nil
	}
	return c.change(ctx, m.Number, func(w *work) error { return w.offsets(session, p) })
}

// offsets keeps how far each drive is.
func (w *work) offsets(session string, p api.Progress) error {
	if w.j == nil || w.j.ID != p.Job || w.j.Session != session || w.j.State != imager.JobErasing && w.j.State != imager.JobInstalling {
		return nil
	}
	for _, dp := range p.Drives {
		if d := w.drive(dp.Drive); d != nil && agentPhase(dp.Phase) {
			d.Offset, d.Phase, w.dirty = dp.Done, dp.Phase, true
		}
	}
	return nil
}
