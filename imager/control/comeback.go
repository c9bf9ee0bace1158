package control

import (
	"context"
	"errors"

	"regain.example/agent/api"
	"regain.example/imager"
	"regain.example/imager/identity"
)

// maxSessions is how many sessions of one machine are remembered.
const maxSessions = 48

// comeBack gives a known machine its new session.
func (c *Controller) comeBack(ctx context.Context, w *work, r api.RegisterRequest, s imager.Session, same *imager.Session, who identity.Result) error {
	w.pruneSessions()
	w.countBoot(r.Again)
	if old := w.s; old != nil {
		old.Superseded = w.now
		if same != nil && same.ID == old.ID {
			old.Left = true // this process knows that it is at an end
		}
		if last := c.now.lastWord(old.ID, w.now); !old.Left && old.Stopped == "" && w.now.Sub(last) < c.cfg.Grace {
			s.Quiet = w.now.Add(c.cfg.Grace)
		}
		s.Quiet = later(s.Quiet, old.Quiet)
		w.others = append(w.others, *old)
	}
	w.say(actorBench, "registered, with %d drives", len(drivesPresent(r.Inventory)))
	if who.Note != "" && who.Note != w.m.Note {
		w.say(actorController, "%s", who.Note)
	}
	if len(r.Holds) > 0 {
		w.say(actorBench, "says that it works on %d drives", len(r.Holds))
	}
	if err := c.noteWithdrawn(ctx, w, r.Inventory); err != nil {
		return err
	}
	w.m.Inventory, w.m.LastSeen, w.m.Note = r.Inventory, w.now, who.Note
	w.m.Session, w.m.Sessions = s.ID, append(w.m.Sessions, s.ID)
	w.s = &s
	if err := errors.Join(w.adopt(r, same), w.stoppedByPower(r)); err != nil {
		return err
	}
	return c.compareDrives(w, actorController, r.Inventory.Drives)
}

// adopt lets the new session of a boot that is amid its work report on it: an
// agent that registers again goes on by itself. After a restore from a backup
// even the order may be unknown here; the approval is not.
//
// same is the session that this very process had before; nil if it is not known.
func (w *work) adopt(r api.RegisterRequest, same *imager.Session) error {
	if !r.Again || w.j == nil || w.unproven() {
		return nil
	}
	if w.j.State == imager.JobApproved && len(r.Holds) > 0 {
		if err := w.become(actorController, imager.JobErasing, "the agent says that it is at work on the approved drives already"); err != nil {
			return err
		}
	}
	mine := same != nil && w.j.Session == same.ID
	if w.j.State == imager.JobErasing || w.j.State == imager.JobInstalling || works(w.j.State) && mine {
		w.j.Session = w.s.ID
		w.j.Destructive = w.j.Destructive || len(r.Holds) > 0
	}
	if w.j.Installing != "" && (len(r.Holds) > 0 || mine && w.j.Installing == same.ID) {
		w.j.Installing = w.s.ID
	}
	if mine {
		w.sameBoot(same.ID)
	}
	return nil
}

// sameBoot lets the samplings that session last was asked for, and gave, count
// for the session that took its place in the same boot.
func (w *work) sameBoot(last string) {
	if w.j.Fruitful == last {
		w.j.Fruitful = w.s.ID
	}
	for _, d := range w.j.Drives {
		if d.Rechecked == last {
			d.Rechecked = w.s.ID
		}
		if d.Recheck != nil && d.Recheck.Session == last {
			d.Recheck.Session = w.s.ID
		}
	}
}

// pruneSessions forgets the oldest sessions of a machine beyond maxSessions.
func (w *work) pruneSessions() {
	for len(w.m.Sessions) >= maxSessions {
		w.sessions = append(w.sessions, w.m.Sessions[0])
		w.m.Sessions = w.m.Sessions[1:]
	}
}

// stoppedByPower ends a job that was to be stopped: after a new start of the
// machine there is no agent left that could say where it stopped.
func (w *work) stoppedByPower(r api.RegisterRequest) error {
	if r.Again || w.j == nil || w.j.Stopping == "" || w.j.State.Ended() {
		return nil
	}
	return w.cancel(actorController, w.j.Stopping)
}
