package control

import (
	"encoding/json"
	"fmt"
	"strings"

	"regain.example/agent/api"
	"regain.example/imager"
	"regain.example/imager/plan"
	"regain.example/imager/verdict"
)

// maxEvidence bounds the evidence of one drive, in bytes of JSON.
const maxEvidence = 64 << 10

// driveEvidence takes the evidence of one drive, once, and lets the verdict
// judge it. When the last drive's has come, the job goes on or ends.
func (w *work) driveEvidence(ev *api.DriveEvidence) error {
	if ev == nil {
		w.say(actorBench, "evidence of no drive; it changes nothing")
		return nil
	}
	d := w.drive(ev.Drive)
	switch {
	case d == nil:
		w.say(actorBench, "evidence of %q, which is no drive of this job; it changes nothing", clean(string(ev.Drive)))
		return nil
	case d.Outcome == imager.OutcomeErased:
		return nil // accepted earlier in this job: what was judged stays
	case d.Evidence != nil:
		w.say(actorBench, "evidence of drive %s came a second time; the first counts", clean(plan.Name(d.Drive)))
		return nil
	}
	d.Evidence = bounded(ev)
	d.Outcome, d.Reason = verdict.Drive(*d, d.Evidence)
	d.Reason = clean(d.Reason)
	if len(ev.Attempts) > 0 {
		w.j.Destructive = true
	}
	w.say(actorController, "drive %s: %s: %s", clean(plan.Name(d.Drive)), d.Outcome, d.Reason)
	if w.j.State != imager.JobErasing {
		return nil // for the record only
	}
	return w.judge()
}

// bounded replaces evidence that is too large to keep by the fact that it was:
// that is never accepted.
func bounded(ev *api.DriveEvidence) *api.DriveEvidence {
	text, err := json.Marshal(ev)
	if err == nil && len(text) <= maxEvidence {
		return ev
	}
	return &api.DriveEvidence{Drive: ev.Drive, Before: ev.Before, Attempts: nil,
		Stopped: fmt.Sprintf("the evidence of %d bytes is larger than the %d that are kept", len(text), maxEvidence)}
}

// judge ends the erasure once every drive has evidence.
func (w *work) judge() error {
	var bad []string
	for _, d := range w.j.Drives {
		if d.Evidence == nil {
			return nil
		}
		if d.Outcome != imager.OutcomeErased {
			bad = append(bad, fmt.Sprintf("drive %s is %s: %s", clean(plan.Name(d.Drive)), d.Outcome, d.Reason))
		}
	}
	switch {
	case w.j.Stopping != "":
		return w.become(actorBench, imager.JobCancelled, w.j.Stopping)
	case len(bad) > 0:
		return w.become(actorController, imager.JobQuarantined, strings.Join(bad, "; "))
	}
	if err := w.become(actorController, imager.JobAccepted, fmt.Sprintf("every drive (%d) has accepted evidence", len(w.j.Drives))); err != nil {
		return err
	}
	if w.j.Image == nil {
		return w.become(actorController, imager.JobDone, "every drive is erased; the profile installs nothing")
	}
	return nil
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
		return w.become(actorBench, imager.JobCancelled, w.j.Stopping)
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
	case w.j.State == imager.JobErasing, w.j.State == imager.JobInstalling, w.j.State == imager.JobAccepted:
		return w.become(actorBench, imager.JobCancelled, reason)
	}
	return nil
}
