package control

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"regain.example/agent/api"
	"regain.example/imager"
	"regain.example/imager/identity"
)

// maxSessions is how many sessions of one machine are remembered.
const maxSessions = 48

// registrations is the lock of all registrations: they give numbers to machines.
const registrations = 0

// strangerRest is how long a stranger must have been silent before it may be
// forgotten to make room.
const strangerRest = 10 * time.Minute

// Register opens a session for one boot of a machine. The same registration sent
// again gives the same session. Errors wrap imager.ErrVersion, ErrInvalid,
// ErrToken, ErrStopped, ErrBusy or ErrStorage.
func (c *Controller) Register(ctx context.Context, r api.RegisterRequest) (api.RegisterReply, error) {
	if r.Version != api.Version && r.Version != api.Version-1 || r.Version < 1 {
		return api.RegisterReply{}, fmt.Errorf("%w: the agent speaks version %d, this controller %d: restart the machine so that it fetches the agent again", imager.ErrVersion, r.Version, api.Version)
	}
	if err := checkRequest(r); err != nil {
		return api.RegisterReply{}, err
	}
	if err := c.checkToken(r); err != nil {
		return api.RegisterReply{}, err
	}
	unlock, err := c.locks.lock(ctx, registrations)
	if err != nil {
		return api.RegisterReply{}, err
	}
	defer unlock()
	sum := sha256.Sum256([]byte(r.Token))
	before, err := c.store.SessionByToken(ctx, sum[:])
	switch {
	case errors.Is(err, imager.ErrNotFound):
		return c.meet(ctx, r, sum[:], nil)
	case err != nil:
		return api.RegisterReply{}, err
	case before.Nonce != r.Nonce:
		return api.RegisterReply{}, c.halt(ctx, before.Machine, &before, "the token of one boot was used twice")
	case before.Stopped != "":
		return api.RegisterReply{}, stopped(before)
	case before.Superseded.IsZero() && (!r.Again || before.Durable == 0):
		return c.reply(ctx, before)
	}
	return c.meet(ctx, r, sum[:], &before)
}

func stopped(s imager.Session) error {
	return fmt.Errorf("%w: %s: an operator must look at this machine and release it, then restart it", imager.ErrStopped, s.Stopped)
}

func (c *Controller) checkToken(r api.RegisterRequest) error {
	life := c.cfg.TokenLife
	if r.Again {
		life = againLife
	}
	boot, err := c.tokens.Open(r.Token, life)
	if err == nil {
		err = boot.Check(r.Inventory)
	}
	if err != nil {
		return fmt.Errorf("register: %w: %w", imager.ErrToken, err)
	}
	return nil
}

// reply names a session that exists.
func (c *Controller) reply(ctx context.Context, s imager.Session) (api.RegisterReply, error) {
	m, err := c.store.Machine(ctx, s.Machine)
	if err != nil {
		return api.RegisterReply{}, err
	}
	c.now.heard(s.ID, c.clock.now())
	return api.RegisterReply{
		Version: api.Version, Session: s.ID, Key: c.sessionKey(s.ID), Durable: s.Durable, Machine: label(m),
	}, nil
}

func label(m imager.Machine) api.MachineLabel {
	return api.MachineLabel{Number: m.Number, Name: m.Name()}
}

// meet finds the machine of a registration, or makes one, and opens a session.
// same is the session that this very process had before, if any.
func (c *Controller) meet(ctx context.Context, r api.RegisterRequest, tokenSum []byte, same *imager.Session) (api.RegisterReply, error) {
	all, err := c.store.Machines(ctx)
	if err != nil {
		return api.RegisterReply{}, err
	}
	known := make([]identity.Known, len(all))
	for i, m := range all {
		known[i] = identity.Known{Number: m.Number, Inventory: m.Inventory}
	}
	who := identity.Decide(r.Inventory, known)
	if who.Number == 0 {
		return c.stranger(ctx, r, tokenSum, who, all)
	}
	if !c.returns.take(who.Number, c.clock.now()) {
		return api.RegisterReply{}, fmt.Errorf("register: %w: machine %d registers again and again", imager.ErrBusy, who.Number)
	}
	s := c.newSession(r, who.Number, tokenSum)
	err = c.change(ctx, who.Number, func(w *work) error { return c.comeBack(w, r, s, same, who) })
	if err != nil {
		return api.RegisterReply{}, err
	}
	return c.reply(ctx, s)
}

func (c *Controller) newSession(r api.RegisterRequest, machine int, tokenSum []byte) imager.Session {
	id := draw(16)
	keySum := sha256.Sum256([]byte(c.sessionKey(hex.EncodeToString(id))))
	return imager.Session{
		ID: hex.EncodeToString(id), Machine: machine, KeyHash: keySum[:],
		Nonce: r.Nonce, Token: tokenSum, Began: c.clock.now(),
	}
}

// stranger makes a machine that was not met before, within the bounds.
func (c *Controller) stranger(ctx context.Context, r api.RegisterRequest, tokenSum []byte, who identity.Result, all []imager.Machine) (api.RegisterReply, error) {
	now := c.clock.now()
	if !c.strangers.take(now) {
		return api.RegisterReply{}, fmt.Errorf("register: %w: many unknown machines register at once; this one tries again by itself", imager.ErrBusy)
	}
	forget, err := c.room(all, now)
	if err != nil {
		return api.RegisterReply{}, err
	}
	last, err := c.store.LastNumber(ctx)
	if err != nil {
		return api.RegisterReply{}, err
	}
	s := c.newSession(r, last+1, tokenSum)
	w := &work{now: now, m: imager.Machine{
		Number: last + 1, Inventory: r.Inventory, FirstSeen: now, LastSeen: now,
		Session: s.ID, Sessions: []string{s.ID}, Note: who.Note,
	}, s: &s, forget: forget}
	w.say(actorBench, "registered for the first time, with %d drives", len(drivesPresent(r.Inventory)))
	if who.Note != "" {
		w.say(actorController, "%s", who.Note)
	}
	if err := c.commit(ctx, w); err != nil {
		return api.RegisterReply{}, err
	}
	return c.reply(ctx, s)
}

// room returns the stranger to forget so that another fits; 0 if none need be.
func (c *Controller) room(all []imager.Machine, now time.Time) (forget int, err error) {
	var oldest *imager.Machine
	count := 0
	for i, m := range all {
		if m.Job != "" {
			continue
		}
		count++
		if c.now.lastWord(m.Session, now).Add(strangerRest).Before(now) && (oldest == nil || m.LastSeen.Before(oldest.LastSeen)) {
			oldest = &all[i]
		}
	}
	switch {
	case count < c.cfg.MaxStrangers:
		return 0, nil
	case oldest == nil:
		return 0, fmt.Errorf("register: %w: %d unknown machines are on the bench already", imager.ErrBusy, count)
	}
	return oldest.Number, nil
}

// comeBack gives a known machine its new session.
func (c *Controller) comeBack(w *work, r api.RegisterRequest, s imager.Session, same *imager.Session, who identity.Result) error {
	w.pruneSessions()
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
	w.m.Inventory, w.m.LastSeen, w.m.Note = r.Inventory, w.now, who.Note
	w.m.Session, w.m.Sessions = s.ID, append(w.m.Sessions, s.ID)
	w.s = &s
	w.adopt(r)
	return c.compareDrives(w, actorController, r.Inventory.Drives)
}

// adopt lets the new session of a boot that is amid its work report on it: an
// agent that registers again goes on by itself. After a restore from a backup
// even the order may be unknown here; the approval is not.
func (w *work) adopt(r api.RegisterRequest) {
	if !r.Again || w.j == nil {
		return
	}
	if w.j.State == imager.JobApproved && len(r.Holds) > 0 {
		// The table leads from approved to erasing: this cannot fail.
		if err := w.become(actorController, imager.JobErasing, "the agent says that it is at work on the approved drives already"); err != nil {
			panic(err)
		}
	}
	if w.j.State == imager.JobErasing || w.j.State == imager.JobInstalling {
		w.j.Session = w.s.ID
		w.j.Destructive = w.j.Destructive || len(r.Holds) > 0
	}
}

// pruneSessions forgets the oldest sessions of a machine beyond maxSessions.
func (w *work) pruneSessions() {
	for len(w.m.Sessions) >= maxSessions {
		w.sessions = append(w.sessions, w.m.Sessions[0])
		w.m.Sessions = w.m.Sessions[1:]
	}
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
