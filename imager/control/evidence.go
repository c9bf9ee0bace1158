package control

import (
	"context"
	"fmt"
	"strings"

	"regain.example/agent/api"
	"regain.example/imager"
	"regain.example/imager/plan"
	"regain.example/imager/verdict"
)

// driveEvidence takes the evidence of one drive, once, and lets the verdict
// judge it. When the last drive's has come, the job goes on or ends.
func (c *Controller) driveEvidence(ctx context.Context, w *work, ev *api.DriveEvidence) error {
	if ev == nil {
		w.say(actorBench, "evidence of no drive; it changes nothing")
		return nil
	}
	d := w.drive(ev.Drive)
	switch {
	case d == nil:
		w.say(actorBench, "evidence of %q, which is no drive of this job; it changes nothing", clean(string(ev.Drive)))
		return nil
	case rechecking(d, w.s.ID):
		return c.recheckEvidence(ctx, w, d, ev)
	case d.Outcome == imager.OutcomeErased:
		return nil // accepted earlier in this job: what was judged stays
	case d.Evidence != nil:
		w.say(actorBench, "evidence of drive %s came a second time; the first counts", clean(plan.Name(d.Drive)))
		return nil
	}
	record, file, err := c.keepEvidence(ctx, ev)
	if err != nil {
		return err
	}
	d.Evidence, d.EvidenceFile = record, file
	rule(d, verdict.Drive(*d, plan.Limits(w.j.Profile.Limits, d.Drive), whole(record, file, ev)))
	w.gained(d, "evidence", 1)
	if d.Outcome == imager.OutcomeErased {
		d.Rechecked = w.s.ID
		w.gained(d, "erased", 1)
	}
	if len(ev.Attempts) > 0 {
		w.j.Destructive = true
	}
	w.say(actorController, "drive %s: %s: %s", clean(plan.Name(d.Drive)), d.Outcome, d.Reason)
	switch w.j.State {
	case imager.JobErasing:
		return w.judge()
	case imager.JobCancelled:
		w.j.Reason = withStates(w.j) // it says more than the journal did
	}
	return nil // for the record only
}

// rule writes down what the verdict says of a drive.
func rule(d *imager.JobDrive, said verdict.Judgement) {
	d.Outcome, d.Level, d.IEEE, d.Destroy = said.Outcome, said.Level, said.IEEE, said.Destroy
	d.Proof, d.Reason, d.Advice = clean(said.Proof), clean(said.Reason), clean(said.Advice)
}

// judge ends the erasure once every drive has evidence.
func (w *work) judge() error {
	for _, d := range w.j.Drives {
		if d.Evidence == nil || rechecking(d, w.s.ID) {
			return nil
		}
	}
	bad := badDrives(w.j)
	switch {
	case w.j.Stopping != "":
		return w.cancel(actorBench, w.j.Stopping)
	case bad != "":
		return w.become(actorController, imager.JobQuarantined, bad)
	}
	if err := w.become(actorController, imager.JobAccepted, fmt.Sprintf("every drive (%d) has accepted evidence", len(w.j.Drives))); err != nil {
		return err
	}
	if w.j.Image == nil {
		return w.become(actorController, imager.JobDone, "every drive is erased; the profile installs nothing")
	}
	return nil
}

// badDrives says which drives have no accepted evidence, and why; "" if none.
func badDrives(j *imager.Job) string {
	var bad []string
	for _, d := range j.Drives {
		if d.Outcome != imager.OutcomeErased {
			bad = append(bad, fmt.Sprintf("drive %s is %s: %s", clean(whereIs(d.Drive)), outcome(d), d.Reason))
		}
	}
	return strings.Join(bad, "; ")
}

func outcome(d *imager.JobDrive) string {
	if d.Destroy {
		return d.Outcome.String() + " and to be destroyed"
	}
	return d.Outcome.String()
}

// installEvidence takes the evidence of the installation under way.
func (w *work) installEvidence(ev *api.InstallEvidence) error {
	if w.j.State != imager.JobInstalling {
		w.say(actorBench, "evidence of an installation that was not ordered; it changes nothing")
		return nil
	}
	w.j.Install = ev
	ok, reason := verdict.Install(*w.j, ev)
	reason = clean(reason)
	switch {
	case w.j.Stopping != "":
		return w.cancel(actorBench, w.j.Stopping)
	case !ok:
		return w.become(actorController, imager.JobInstallFailed, reason)
	}
	return w.become(actorController, imager.JobInstalled, reason)
}

// reportedDrives takes the agent's word that its drives are not those of the
// order. It has not begun, so nothing of this order was erased.
func (w *work) reportedDrives(r api.Report) error {
	difference := plan.Changed(approvedSet(w.j), r.Drives)
	if difference == "" {
		difference = "the agent found other drives: " + r.Message
	}
	if len(r.Drives) <= maxDrives {
		w.m.Inventory.Drives = r.Drives
	}
	return w.drivesChanged(actorBench, difference)
}

// stoppedWork takes the agent's word that its work was stopped. Reports come in
// order: if no erasure began before this one, none did.
func (w *work) stoppedWork(r api.Report) error {
	reason := w.j.Stopping
	if reason == "" {
		reason = "stopped on the bench: " + clean(r.Message)
	}
	w.j.Stopping, w.dirty = "", true
	w.say(actorBench, "the work has stopped: %s", clean(r.Message))
	switch {
	case w.j.State == imager.JobErasing && !w.j.Destructive:
		return w.become(actorBench, imager.JobVoid, reason+"; nothing was erased")
	case works(w.j.State):
		return w.cancel(actorBench, reason)
	}
	return nil
}
