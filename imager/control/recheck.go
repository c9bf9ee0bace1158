package control

import (
	"context"

	"regain.example/agent/api"
	"regain.example/imager"
	"regain.example/imager/plan"
	"regain.example/imager/verdict"
)

// sampled reports whether every accepted drive was sampled, or gave its evidence,
// in the session that speaks now. If not, it orders the sampling: what a drive
// held in an earlier boot is believed only after another look.
func (w *work) sampled() bool {
	missing, ordered := 0, 0
	for _, d := range w.j.Drives {
		if !w.wantsRecheck(d) {
			continue
		}
		missing++
		if d.Recheck == nil || d.Recheck.Session != w.s.ID {
			d.Recheck = &imager.Recheck{Session: w.s.ID, Seed: draw(seedBytes)}
			ordered++
		}
	}
	if ordered > 0 {
		w.j.Session = w.s.ID
		w.say(actorController, "%d accepted drives are sampled again before anything else", ordered)
	}
	return missing == 0
}

// wantsRecheck reports whether a drive's accepted evidence is of another session.
// The system drive holds image data once it was ordered to be installed, and is
// sampled no more.
func (w *work) wantsRecheck(d *imager.JobDrive) bool {
	image := d.ID == w.j.System && w.j.Installs > 0
	return d.Outcome == imager.OutcomeErased && d.Rechecked != w.s.ID && !image
}

// rechecking reports whether a fresh sampling of the drive was ordered of this
// session and has not come.
func rechecking(d *imager.JobDrive, session string) bool {
	return d.Outcome == imager.OutcomeErased && d.Rechecked != session &&
		d.Recheck != nil && d.Recheck.Session == session && d.Recheck.Evidence == nil
}

func anyRechecking(j *imager.Job, session string) bool {
	for _, d := range j.Drives {
		if rechecking(d, session) {
			return true
		}
	}
	return false
}

// recheckEvidence takes the fresh sampling of an accepted drive. One that does not
// bear the evidence out makes the drive unknown, and the machine does not go on.
func (c *Controller) recheckEvidence(ctx context.Context, w *work, d *imager.JobDrive, ev *api.DriveEvidence) error {
	kept, file, err := c.keepEvidence(ctx, ev)
	if err != nil {
		return err
	}
	d.Recheck.Evidence, d.Recheck.EvidenceFile = kept, file
	asked := *d
	asked.SampleSeed = d.Recheck.Seed
	judged := verdict.Recheck(asked, plan.Limits(w.j.Profile.Limits, d.Drive), whole(kept, file, ev))
	if judged.Outcome == imager.OutcomeErased {
		d.Rechecked = w.s.ID
		w.say(actorController, "drive %s: sampled again: %s", clean(plan.Name(d.Drive)), clean(judged.Proof))
	} else {
		rule(d, judged)
		d.Outcome = imager.OutcomeUnknown
		w.say(actorController, "drive %s: %s after a fresh sampling: %s", clean(plan.Name(d.Drive)), d.Outcome, d.Reason)
	}
	if w.j.State == imager.JobErasing {
		return w.judge()
	}
	return w.judgeRechecks()
}

// judgeRechecks ends the job once the last fresh sampling has come and one was
// bad. If all are good, advance goes on.
func (w *work) judgeRechecks() error {
	if anyRechecking(w.j, w.s.ID) {
		return nil
	}
	bad := badDrives(w.j)
	switch {
	case w.j.State.Ended():
		return nil
	case w.j.Stopping != "":
		return w.cancel(actorBench, w.j.Stopping)
	case bad != "":
		return w.become(actorController, imager.JobQuarantined, bad)
	}
	return nil
}
