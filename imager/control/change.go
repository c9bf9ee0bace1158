package control

import (
	"context"
	"errors"
	"fmt"
	"time"

	"regain.example/imager"
)

// work is one change of one machine while it is decided.
type work struct {
	now      time.Time
	m        imager.Machine
	j        *imager.Job     // the present or last job; nil if there never was one
	s        *imager.Session // that speaks for the machine; nil for none
	others   []imager.Session
	entries  []imager.Entry
	forget   int
	pulled   *imager.Withdrawn // to be written
	sessions []string          // to be forgotten
	dirty    bool
}

// tries is how often a change is decided again when another came between.
const tries = 8

// The actors of what happens by itself.
const (
	actorController = "controller"
	actorBench      = "bench"
)

// change reads the machine, lets f decide, and commits. f may run several times.
// If f fails, nothing is written.
func (c *Controller) change(ctx context.Context, number int, f func(*work) error) error {
	unlock, err := c.locks.lock(ctx, number)
	if err != nil {
		return err
	}
	defer unlock()
	for range tries {
		var w *work
		if w, err = c.read(ctx, number); err != nil {
			return err
		}
		if err = f(w); err != nil {
			return err
		}
		if err = c.commit(ctx, w); !errors.Is(err, imager.ErrConflict) {
			return err
		}
	}
	return err
}

// read loads a machine, its job and its session.
func (c *Controller) read(ctx context.Context, number int) (*work, error) {
	m, err := c.store.Machine(ctx, number)
	if err != nil {
		return nil, err
	}
	w := &work{now: c.clock.now(), m: m}
	if m.Job != "" {
		j, err := c.store.Job(ctx, m.Job)
		if err != nil {
			return nil, err
		}
		w.j = &j
	}
	if m.Session != "" {
		s, err := c.store.Session(ctx, m.Session)
		if err != nil {
			return nil, err
		}
		w.s = &s
	}
	return w, w.expire()
}

// commit settles the session's order and writes everything, if anything changed.
func (c *Controller) commit(ctx context.Context, w *work) error {
	if err := c.settle(w); err != nil {
		return err
	}
	if !w.dirty {
		return nil
	}
	change := Change{Machine: &w.m, Job: w.j, Sessions: w.others, Entries: w.entries, Withdrawn: w.pulled, Forget: w.forget, ForgetSessions: w.sessions}
	if w.s != nil {
		change.Sessions = append(change.Sessions, *w.s)
	}
	if err := c.store.Commit(ctx, change); err != nil {
		return err
	}
	c.now.forget(w.sessions)
	for _, e := range w.entries {
		c.cfg.Log.Info("machine changed", "machine", e.Machine, "job", e.Job, "actor", e.Actor, "text", e.Text)
	}
	c.now.tell(w.m.Number)
	return nil
}

// say adds an entry to what happened.
func (w *work) say(actor, form string, args ...any) {
	e := imager.Entry{At: w.now, Actor: actor, Machine: w.m.Number, Text: fmt.Sprintf(form, args...)}
	if w.j != nil {
		e.Job = w.j.ID
	}
	w.entries = append(w.entries, e)
	w.dirty = true
}

// become changes the job's state and says so.
func (w *work) become(actor string, next imager.JobState, reason string) error {
	if err := w.j.Become(next, reason, w.now); err != nil {
		return fmt.Errorf("%w: %w", imager.ErrConflict, err)
	}
	w.say(actor, "%s: %s", next, reason)
	return nil
}

// expire voids an approval that was not begun in time.
func (w *work) expire() error {
	if w.j == nil || w.j.State != imager.JobApproved || w.now.Before(w.j.Expires) {
		return nil
	}
	return w.become(actorController, imager.JobVoid, "the approval expired 12 hours after it was given")
}
