package control

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"regain.example/imager"
)

// maxLog is how many entries of a machine are shown.
const maxLog = 200

// Machines returns every machine, in order of number.
func (c *Controller) Machines(ctx context.Context) ([]imager.View, error) {
	all, err := c.store.Machines(ctx)
	if err != nil {
		return nil, err
	}
	pulled, err := c.store.Withdrawn(ctx)
	if err != nil {
		return nil, err
	}
	boots, err := c.bootsOf(ctx, all)
	if err != nil {
		return nil, err
	}
	views := make([]imager.View, 0, len(all))
	for _, m := range all {
		v, err := c.view(ctx, m.Number, pulled, boots)
		if err != nil {
			return nil, err
		}
		views = append(views, v)
	}
	return views, nil
}

// Machine returns one machine as people see it.
func (c *Controller) Machine(ctx context.Context, number int) (imager.View, error) {
	pulled, err := c.store.Withdrawn(ctx)
	if err != nil {
		return imager.View{}, err
	}
	all, err := c.store.Machines(ctx)
	if err != nil {
		return imager.View{}, err
	}
	boots, err := c.bootsOf(ctx, all)
	if err != nil {
		return imager.View{}, err
	}
	return c.view(ctx, number, pulled, boots)
}

func (c *Controller) view(ctx context.Context, number int, pulled []imager.Withdrawn, boots imager.Boots) (imager.View, error) {
	w, err := c.read(ctx, number)
	if err != nil {
		return imager.View{}, err
	}
	log, err := c.store.Entries(ctx, number, maxLog)
	if err != nil {
		return imager.View{}, err
	}
	slices.Reverse(w.entries) // an expiry that no commit has written yet
	v := imager.View{Machine: w.m, Job: w.j, Log: append(w.entries, log...)}
	v.Online = w.s != nil && c.now.online(w.s.ID, w.now)
	v.Boot = c.bootText(w.m)
	if !v.Online {
		v.Trouble = troubleOf(number, boots)
	}
	v.Waiting = c.waiting(w, v.Online, pulled)
	v.Blocked = c.blocked(w.m, pulled)
	if w.s != nil {
		v.Enrolment = w.s.Enrol.State()
	}
	if w.j != nil {
		w.j.Log = jobLog(v.Log, w.j.ID)
		v.Progress = c.now.work(number, w.j.ID, w.now)
	}
	return v, nil
}

// jobLog is the part of a log that belongs to one job, oldest first.
func jobLog(log []imager.Entry, job string) (part []imager.Entry) {
	for _, e := range slices.Backward(log) {
		if e.Job == job {
			part = append(part, e)
		}
	}
	return part
}

func (c *Controller) bootText(m imager.Machine) string {
	b := c.boots.last(m.Inventory.NICs)
	if b.Stage == "" {
		return ""
	}
	return b.Stage + " " + b.At.Format(time.RFC3339)
}

// waiting says what the machine waits for.
func (c *Controller) waiting(w *work, online bool, pulled []imager.Withdrawn) string {
	var parts []string
	if why := c.clock.trouble(); why != "" {
		parts = append(parts, why)
	}
	switch {
	case w.m.Halted != "":
		parts = append(parts, "an operator to release it: "+w.m.Halted)
	case !online && w.stuck():
		parts = append(parts, fmt.Sprintf("an operator to let it boot again: %d boots in a row brought its job no further", w.fruitless()))
	case !online && w.bootsNothing(pulled) && w.j.State != imager.JobDone:
		parts = append(parts, "approval or release; until then it boots nothing")
	case w.unproven() && online:
		parts = append(parts, codeWaiting(w))
	case w.j == nil || w.j.State.Ended() && w.j.State != imager.JobDone:
		parts = append(parts, "approval")
	case w.j.Stopping != "" && !w.j.State.Ended():
		parts = append(parts, "the agent to stop")
	case w.j.State == imager.JobInstalled:
		parts = append(parts, "its first start")
	case w.j.State == imager.JobInstallFailed:
		parts = append(parts, "an operator: "+w.j.Reason)
	case !w.j.State.Ended() && !online:
		parts = append(parts, "the machine to start from the network")
	case w.s != nil && works(w.j.State) && anyRechecking(w.j, w.s.ID):
		parts = append(parts, "a fresh look at the drives that were accepted in an earlier boot")
	case w.s != nil && w.now.Before(w.s.Quiet) && !w.j.State.Ended():
		parts = append(parts, "the earlier session of this machine to be silent")
	}
	return strings.Join(parts, "; ")
}
