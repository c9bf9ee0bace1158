package control

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"time"

	"regain.example/agent/api"
	"regain.example/imager"
	"regain.example/images/manifest"
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
	if w.m.Halted != "" || w.j == nil || w.now.Before(w.s.Quiet) || w.j.Stopping != "" {
		return nil
	}
	switch w.j.State {
	case imager.JobApproved:
		if err := w.become(actorController, imager.JobErasing, fmt.Sprintf("the order to erase %d drives was given", len(w.j.Drives))); err != nil {
			return err
		}
		w.j.Session = w.s.ID
	case imager.JobErasing:
		w.eraseAgain()
	case imager.JobAccepted:
		return c.beginInstall(w)
	case imager.JobInstalling:
		if w.j.Session != w.s.ID {
			c.orderInstall(w)
			w.say(actorController, "the installation begins again after a new start of the machine")
		}
	}
	return nil
}

// eraseAgain gives the order to erase to a new session; what was accepted stays.
func (w *work) eraseAgain() {
	if w.j.Session == w.s.ID {
		return
	}
	w.j.Session = w.s.ID
	accepted := 0
	for _, d := range w.j.Drives {
		if d.Outcome == imager.OutcomeErased {
			accepted++
			continue
		}
		d.Evidence, d.Outcome, d.Reason, d.Offset, d.Phase = nil, imager.OutcomeUnknown, "", 0, ""
	}
	w.say(actorController, "the erasure begins again after a new start of the machine; %d of %d drives were accepted before", accepted, len(w.j.Drives))
}

// settle gives the session's order a new revision if it is another one now.
func (c *Controller) settle(w *work) error {
	if w.s == nil || w.s.Stopped != "" {
		return nil
	}
	order, err := c.order(w)
	if err != nil {
		return err
	}
	text, err := json.Marshal(order)
	if err != nil {
		return fmt.Errorf("order of machine %d: %w", w.m.Number, err)
	}
	if sum := sha256.Sum256(text); !bytes.Equal(sum[:], w.s.Order) {
		w.s.Order, w.s.Revision, w.dirty = sum[:], w.s.Revision+1, true
	}
	return nil
}

// order is what the session that speaks for the machine should do; its revision
// is not set. It depends on the records and the clock only.
func (c *Controller) order(w *work) (api.Order, error) {
	wait := func(message string) (api.Order, error) {
		return api.Order{Kind: api.OrderWait, Machine: label(w.m), Message: message}, nil
	}
	j := w.j
	switch {
	case w.m.Halted != "":
		return wait("stopped: " + w.m.Halted + ". An operator must release this machine")
	case j == nil:
		return wait("waiting for approval")
	case j.Stopping != "" && j.Session == w.s.ID:
		return api.Order{Kind: api.OrderStop, Machine: label(w.m), Message: j.Stopping}, nil
	case w.now.Before(w.s.Quiet) && !j.State.Ended():
		return wait("another session of this machine was heard a moment ago: waiting until it is silent")
	}
	mine := j.Session == w.s.ID
	switch j.State {
	case imager.JobErasing:
		if mine {
			return api.Order{Kind: api.OrderErase, Machine: label(w.m), Erase: eraseOrder(j)}, nil
		}
	case imager.JobInstalling:
		if mine {
			install, err := c.installOrder(j)
			return api.Order{Kind: api.OrderInstall, Machine: label(w.m), Install: install}, err
		}
	case imager.JobApproved, imager.JobAccepted:
		return wait("approved; the next order comes at once")
	}
	if end := endOf(w.m, j, mine); end != nil {
		return api.Order{Kind: api.OrderEnd, Machine: label(w.m), End: end}, nil
	}
	return wait(waitingAfter(j))
}

func eraseOrder(j *imager.Job) *api.EraseOrder {
	o := &api.EraseOrder{Job: j.ID, CountdownSeconds: j.Profile.CountdownSeconds}
	for _, d := range j.Drives {
		o.Drives = append(o.Drives, api.DriveOrder{
			Drive: d.ID, Methods: d.Methods, Seed: d.Seed, Verify: d.Verify, Accepted: d.Outcome == imager.OutcomeErased,
		})
	}
	for _, l := range j.Left {
		if l.Drive.Excluded == "" {
			o.Drives = append(o.Drives, api.DriveOrder{Drive: l.Drive.ID(), Leave: l.Why})
		}
	}
	return o
}

// installOrder is the same whenever it is computed for one installation.
func (c *Controller) installOrder(j *imager.Job) (*api.InstallOrder, error) {
	o := &api.InstallOrder{
		Job: j.ID, Drive: j.System, Image: j.Image.Name, BaseURL: c.cfg.ImageBaseURL,
		ManifestSHA256: j.Image.ManifestSHA256, PublicKey: j.Image.PublicKey,
	}
	if j.Image.Identity != manifest.IdentityNoCloud {
		return o, nil
	}
	in := SeedInput{InstanceID: fmt.Sprintf("%s-%d", j.ID, j.Installs), Hostname: j.Hostname}
	if j.Image.Confirm == manifest.ConfirmFirstBoot {
		in.CallToken = c.callToken(j)
	}
	seed, err := c.seed(in)
	if err != nil {
		return nil, fmt.Errorf("seed of job %s: %w", j.ID, err)
	}
	o.Seed = seed
	return o, nil
}

// callToken is the one-time token of the first boot after this installation.
func (c *Controller) callToken(j *imager.Job) string {
	subject := fmt.Sprintf("%s %d", j.ID, j.Installs)
	return j.ID + "." + base64.RawURLEncoding.EncodeToString(c.mac("first boot", subject))
}
