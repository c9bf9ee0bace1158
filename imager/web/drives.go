package web

import (
	"regain.example/agent/api"
	"regain.example/imager"
	"regain.example/imager/explain"
)

// drive is one drive of a machine, with its part of the job.
type drive struct {
	api.Drive
	Key     api.DriveID // Drive.ID
	System  bool        // it gets the image
	Tone    tone
	Verdict string // of the job, or "" while there is none
	Reason  string
	Phase   string // what is done to it now
	Moving  bool   // the phase works on the drive's bytes
	Done    uint64 // bytes
	Total   uint64 // bytes; 0 if the drive tells nothing
	Rate    float64

	How     string // methods
	Verify  string // how much is read back
	Level   string
	IEEE    string
	Proof   string
	Advice  string
	Destroy bool
	Place   string // bay and serial
	Journal *imager.DriveJournal
	Held    string // what a drive holds on which the work stopped
	Resumed *api.Resume
	// Recheck is the last fresh sampling of an accepted drive, RecheckFile
	// the SHA-256 of its evidence.
	Recheck     string
	RecheckFile string
	Health      []explain.Reading
	// Unhealthy says why its health could not be read.
	Unhealthy string
	Attempts  []explain.Attempt
	// File is the SHA-256 of the evidence; "" for none.
	File string
	// Withdrawn is set when the drive was pulled out and declared.
	Withdrawn *imager.Withdrawn
}

// Percent is from 0 to 100, never 100 before all is done.
func (d drive) Percent() int {
	if d.Total == 0 {
		return 0
	}
	return int(min(d.Done, d.Total) * 100 / d.Total)
}

// Left is the time left in seconds, or -1 if nothing can be said.
func (d drive) Left() float64 {
	if d.Total == 0 || d.Rate < 1 {
		return -1
	}
	return float64(d.Total-min(d.Done, d.Total)) / d.Rate
}

// drives returns the drives to show, with their part of the job if there is one;
// the drives that are in the machine now and can be approved; and the devices
// that are left alone.
func drives(v imager.View) (shown, present, excluded []drive) {
	inJob := map[api.DriveID]bool{}
	if v.Job != nil && !restarted(v) {
		for _, j := range v.Job.Drives {
			inJob[j.ID] = true
			shown = append(shown, jobDrive(v, j))
		}
	}
	for _, d := range v.Machine.Inventory.Drives {
		one := drive{Drive: d, Key: d.ID(), Tone: toneIdle, Place: explain.Place(d)}
		one.remember(v)
		if d.Excluded != "" {
			excluded = append(excluded, one)
			continue
		}
		present = append(present, one)
		switch {
		case len(inJob) == 0:
			shown = append(shown, one)
		case !inJob[one.Key]:
			one.Tone, one.Verdict = toneBad, "not in the approval"
			shown = append(shown, one)
		}
	}
	return shown, present, excluded
}

// restarted reports whether the machine has registered again since its job
// ended, so that its drives are to be shown as they are now.
func restarted(v imager.View) bool {
	return v.Job.State.Ended() && v.Machine.LastSeen.After(v.Job.Ended)
}

// remember marks a drive that came to no good end in the machine's last job. An
// erasure of then says nothing of what the drive holds now.
func (d *drive) remember(v imager.View) {
	if v.Job == nil || !restarted(v) {
		return
	}
	for _, j := range v.Job.Drives {
		if j.ID == d.Key && (j.Destroy || v.Job.State != imager.JobVoid && j.Outcome != imager.OutcomeErased) {
			d.Verdict, d.Tone, d.Destroy = j.Outcome.String()+" in the last job", toneBad, j.Destroy
			d.Reason, d.Advice = plain(j.Reason), plain(j.Advice)
		}
	}
}

// former returns the drives of a job that ended before the machine came back, with
// what was said of them then.
func former(v imager.View) (all []drive) {
	if v.Job == nil || !restarted(v) {
		return nil
	}
	for _, j := range v.Job.Drives {
		all = append(all, jobDrive(v, j))
	}
	return all
}

func jobDrive(v imager.View, j *imager.JobDrive) drive {
	d := drive{
		Drive: j.Drive, Key: j.ID, System: v.Job.System == j.ID, Place: explain.Place(j.Drive),
		How: explain.How(*j), Verify: explain.Verify(j.Verify), Journal: j.Journal, File: j.EvidenceFile,
		Level: explain.Level(j.Level), IEEE: sentence(j.IEEE), Proof: plain(j.Proof),
		Reason: plain(j.Reason), Advice: plain(j.Advice), Destroy: j.Destroy, Resumed: j.Resumed,
	}
	d.Verdict, d.Tone = verdictWord(v, j)
	if d.Tone == toneGood {
		d.Reason, d.Advice = "", ""
	}
	if ev := j.Evidence; ev != nil {
		d.seen(ev)
	}
	if j.Recheck != nil {
		d.Recheck, d.RecheckFile = sentence(explain.Recheck(*j.Recheck)), j.Recheck.EvidenceFile
	}
	d.now(v, j)
	return d
}

// plain is a text of the verdict as a person reads it.
func plain(s string) string { return sentence(explain.Plain(s)) }

// verdictWord is the outcome in a word or two, once there is one.
func verdictWord(v imager.View, j *imager.JobDrive) (string, tone) {
	switch {
	case j.Outcome == imager.OutcomeErased:
		return "erased", toneGood
	case j.Outcome == imager.OutcomeNotErased:
		return "not erased", toneBad
	case v.Job.State == imager.JobVoid:
		return "untouched", toneIdle
	case v.Job.State.Ended() || j.Evidence != nil || j.Destroy:
		return "unknown", toneBad
	}
	return "", toneWork
}

// seen fills in what the evidence tells.
func (d *drive) seen(ev *api.DriveEvidence) {
	d.Held = sentence(ev.State)
	d.Health = explain.Health(ev.HealthBefore, ev.HealthAfter)
	for _, h := range []*api.Health{ev.HealthBefore, ev.HealthAfter} {
		if h != nil && h.Error != "" {
			d.Unhealthy = sentence(h.Error)
		}
	}
	d.Attempts = explain.Attempts(ev)
}

// now fills in what is done to the drive at this moment.
func (d *drive) now(v imager.View, j *imager.JobDrive) {
	if v.Progress == nil || v.Job.State.Ended() || v.Progress.Job != v.Job.ID {
		return
	}
	for _, p := range v.Progress.Drives {
		if p.Drive == j.ID {
			d.Phase, d.Done, d.Total, d.Rate = explain.Doing(p, *j), p.Done, p.Total, p.BytesPerSecond
			d.Moving = moves(p.Phase) && p.Pause != api.PauseSeed && p.Pause != api.PauseOthers
		}
	}
}

// moves reports whether a phase works its way through a drive.
func moves(p api.Phase) bool {
	return p == api.PhaseErase || p == api.PhaseVerify || p == api.PhaseInstall || p == api.PhaseCheck
}
