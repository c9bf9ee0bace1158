package control

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"regain.example/agent/api"
	"regain.example/imager"
	"regain.example/imager/plan"
)

// NextOrder returns the session's order as soon as its revision is not after; at
// the latest when wait has passed or ctx ends, whatever it is then. What the
// order says was begun is on the disk before it is returned.
func (c *Controller) NextOrder(ctx context.Context, session string, after uint64, wait time.Duration) (api.Order, error) {
	deadline := time.NewTimer(wait)
	defer deadline.Stop()
	for over := false; ; {
		s, err := c.live(ctx, session)
		if err != nil {
			return api.Order{}, err
		}
		if !s.Superseded.IsZero() {
			// Who lives asks again, and is then known to live.
			return api.Order{Revision: after, Kind: api.OrderWait, Message: "this machine has registered again"}, nil
		}
		news := c.now.news(s.Machine)
		order, again, err := c.present(ctx, s)
		if err != nil || order.Revision != after || over {
			return order, err
		}
		over = c.waitFor(ctx, s.ID, news, deadline.C, again)
	}
}

// waitFor returns when there is news or again has passed, and reports whether the
// long poll is over.
func (c *Controller) waitFor(ctx context.Context, session string, news <-chan struct{}, deadline <-chan time.Time, again time.Duration) (over bool) {
	defer c.now.poll(session)()
	var soon <-chan time.Time
	if again > 0 {
		t := time.NewTimer(again)
		defer t.Stop()
		soon = t.C
	}
	select {
	case <-news:
	case <-soon:
	case <-deadline:
		return true
	case <-ctx.Done():
		return true
	}
	return false
}

// present returns the session's order now, and after what time it may change by
// itself (0 for never).
func (c *Controller) present(ctx context.Context, s imager.Session) (order api.Order, again time.Duration, err error) {
	if err := ctx.Err(); err != nil {
		return order, 0, err
	}
	err = c.change(ctx, s.Machine, func(w *work) error {
		if err := w.speaks(s.ID); err != nil {
			return err
		}
		if err := c.advance(w); err != nil {
			return err
		}
		if err := c.settle(w); err != nil {
			return err
		}
		if order, err = c.order(w); err != nil {
			return err
		}
		order.Revision = w.s.Revision
		again = 0
		if w.now.Before(w.s.Quiet) {
			again = w.s.Quiet.Sub(w.now)
		}
		return nil
	})
	return order, again, err
}

// advance takes the steps that wait only for a live agent.
func (c *Controller) advance(w *work) error {
	if w.m.Halted != "" || w.j == nil || w.unproven() || w.now.Before(w.s.Quiet) || w.j.Stopping != "" {
		return nil
	}
	if why := c.protected(w.m); why != "" {
		return w.spare(why)
	}
	switch w.j.State {
	case imager.JobApproved:
		return c.beginErase(w)
	case imager.JobErasing:
		w.eraseAgain()
	case imager.JobAccepted:
		if w.j.Image != nil && !w.sampled() {
			return nil
		}
		return c.beginInstall(w)
	case imager.JobInstalling:
		if w.j.Installing != w.s.ID && w.sampled() {
			c.orderInstall(w)
			w.say(actorController, "the order to install was given to this boot of the machine")
		}
	}
	return nil
}

// beginErase gives the order to erase, if nothing has come up since the approval.
func (c *Controller) beginErase(w *work) error {
	if why := plan.Storage(w.m.Inventory); len(why) > 0 {
		return w.become(actorController, imager.JobVoid, "the approval is void, nothing was erased: "+clean(strings.Join(why, "; ")))
	}
	if err := w.become(actorController, imager.JobErasing, fmt.Sprintf("the order to erase %d drives was given", len(w.j.Drives))); err != nil {
		return err
	}
	w.j.Session = w.s.ID
	return nil
}

// eraseAgain gives the order to erase to a new session. What was accepted is
// sampled again; the rest goes on where its journal says that it can.
func (w *work) eraseAgain() {
	if w.j.Session == w.s.ID {
		return
	}
	w.j.Session = w.s.ID
	accepted := 0
	for _, d := range w.j.Drives {
		if d.Outcome == imager.OutcomeErased && !again(d, w.j.Drives) {
			accepted++
			continue
		}
		unjudged(d)
		*d = plan.Resume(*d)
	}
	w.say(actorController, "the erasure begins again after a new start of the machine; %d of %d drives were accepted before", accepted, len(w.j.Drives))
	w.sampled()
}

// again reports whether an accepted drive must be erased once more, because
// another namespace of its controller must, and by a command that reaches all.
func again(d *imager.JobDrive, all []*imager.JobDrive) bool {
	return slices.ContainsFunc(all, func(o *imager.JobDrive) bool {
		return o.Outcome != imager.OutcomeErased && sharesCommand(d.Drive, o.Drive) && slices.ContainsFunc(o.Methods, reachesAll(o.Drive))
	})
}

func sharesCommand(a, b api.Drive) bool {
	return a.NVMe != nil && b.NVMe != nil && a.NVMe.Controller == b.NVMe.Controller
}

// reachesAll tells the methods that reach every namespace of a drive's
// controller (NVM Express Base Specification 2.0, figure 275, FNA bits 0 and 1).
func reachesAll(d api.Drive) func(api.Method) bool {
	return func(m api.Method) bool {
		format := m == api.MethodFormat || m == api.MethodFormatCrypto
		return plan.Sanitizes(m) || format && d.NVMe.FNA&3 != 0
	}
}
