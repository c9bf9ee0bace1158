package web

import (
	"regain.example/agent/api"
	"regain.example/imager"
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
		one := drive{Drive: d, Key: d.ID(), Tone: toneIdle}
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

func jobDrive(v imager.View, j *imager.JobDrive) drive {
	d := drive{
		Drive: j.Drive, Key: j.ID, System: v.Job.System == j.ID,
		Reason: sentence(j.Reason), Tone: toneWork,
	}
	switch {
	case j.Outcome == imager.OutcomeErased:
		d.Verdict, d.Tone = "erased", toneGood
	case j.Outcome == imager.OutcomeNotErased:
		d.Verdict, d.Tone = "not erased", toneBad
	case v.Job.State.Ended() || j.Evidence != nil:
		d.Verdict, d.Tone = "unknown", toneBad
		if v.Job.State == imager.JobVoid {
			d.Verdict, d.Tone = "untouched", toneIdle
		}
	}
	if v.Progress == nil || v.Job.State.Ended() || v.Progress.Job != v.Job.ID {
		return d
	}
	for _, p := range v.Progress.Drives {
		if p.Drive == j.ID {
			d.Phase, d.Done, d.Total, d.Rate = phaseWord(p.Phase), p.Done, p.Total, p.BytesPerSecond
			d.Moving = moves(p.Phase)
		}
	}
	return d
}

// moves reports whether a phase works its way through a drive.
func moves(p api.Phase) bool {
	return p == api.PhaseErase || p == api.PhaseVerify || p == api.PhaseInstall || p == api.PhaseCheck
}
