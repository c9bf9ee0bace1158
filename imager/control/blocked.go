package control

import (
	"slices"
	"strings"

	"regain.example/imager"
	"regain.example/imager/plan"
)

// blocked says what stands against an approval of the machine as it is, and what
// to do; empty for nothing.
func (c *Controller) blocked(m imager.Machine, pulled []imager.Withdrawn) []string {
	said := slices.Concat(plan.Protected(c.cfg.Protected, m.Inventory), plan.Storage(m.Inventory), declared(m.Number, m.Inventory, pulled))
	for i := range said {
		said[i] = clean(said[i])
	}
	return said
}

// protected says why the machine is never to be erased here; "" if it is not
// protected. It is asked before every order that destroys, since the list may
// have changed after the approval.
func (c *Controller) protected(m imager.Machine) string {
	return clean(strings.Join(plan.Protected(c.cfg.Protected, m.Inventory), "; "))
}

// spare ends the job of a machine that is protected by now. If its agent may be at
// work, it is told to stop first.
func (w *work) spare(why string) error {
	switch {
	case w.j.State == imager.JobApproved:
		return w.become(actorController, imager.JobVoid, "the approval is void, nothing was erased: "+why)
	case !works(w.j.State):
		return nil
	case w.j.Session == w.s.ID:
		w.j.Stopping = why
		w.say(actorController, "all work is stopped: %s", why)
		return nil
	case w.j.State == imager.JobErasing && !w.j.Destructive:
		return w.become(actorController, imager.JobVoid, "the approval is void, nothing was erased: "+why)
	}
	return w.cancel(actorController, why)
}
