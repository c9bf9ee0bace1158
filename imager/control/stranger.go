package control

import (
	"context"
	"fmt"
	"slices"
	"time"

	"regain.example/agent/api"
	"regain.example/imager"
	"regain.example/imager/identity"
)

// strangerRest is how long a stranger must have been silent before it may be
// forgotten to make room.
const strangerRest = 10 * time.Minute

// stranger makes a machine that was not met before, within the bounds.
func (c *Controller) stranger(ctx context.Context, r api.RegisterRequest, tokenSum []byte, who identity.Result, all []imager.Machine) (api.RegisterReply, error) {
	now := c.clock.now()
	if !c.strangers.take(now) {
		return api.RegisterReply{}, fmt.Errorf("register: %w: many unknown machines register at once; this one tries again by itself", imager.ErrBusy)
	}
	pulled, err := c.store.Withdrawn(ctx)
	if err != nil {
		return api.RegisterReply{}, err
	}
	forget, err := c.room(all, pulled, now)
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
	if err := c.noteWithdrawn(ctx, w, r.Inventory); err != nil {
		return api.RegisterReply{}, err
	}
	if err := c.commit(ctx, w); err != nil {
		return api.RegisterReply{}, err
	}
	return c.reply(ctx, s)
}

// room returns the stranger to forget so that another fits; 0 if none need be. A
// machine that a drive was pulled out of is no stranger.
func (c *Controller) room(all []imager.Machine, pulled []imager.Withdrawn, now time.Time) (forget int, err error) {
	var oldest *imager.Machine
	count := 0
	for i, m := range all {
		if m.Job != "" || slices.ContainsFunc(pulled, func(d imager.Withdrawn) bool { return d.Machine == m.Number }) {
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
