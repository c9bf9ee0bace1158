package verdict

import (
	"regain.example/agent/api"
	"regain.example/imager"
)

// Recheck judges the fresh sampling of a drive whose evidence was accepted in an
// earlier boot, or before an installation is tried again. plan holds what was
// accepted, and the new SampleSeed. Only samples of the kind that the accepted
// method leaves keep the outcome; anything else makes it unknown.
func Recheck(plan imager.JobDrive, limits imager.DriveLimits, ev *api.DriveEvidence) Judgement {
	f := received(plan, ev)
	if f == nil {
		f = kept(plan, ev)
	}
	return judge(plan, limits, ev, f)
}

// kept wants a drive that was erased, left alone since, and reads as it did then.
func kept(plan imager.JobDrive, ev *api.DriveEvidence) *fault {
	m := Erased(plan.Evidence)
	switch {
	case plan.Outcome != imager.OutcomeErased || m == "":
		return keptUnjudged.because("the drive was kept, and no evidence of it had been accepted")
	case !ev.Kept || ev.Recheck == nil:
		return recheck.because("the drive was not sampled again")
	case len(ev.Attempts) > 0 || ev.Resumed != nil:
		return recheck.because("the drive was worked on instead of being sampled")
	}
	if why := samplingNumbers(ev.Recheck, plan.Drive.SizeBytes); why != "" {
		return contradiction.because("the fresh samples contradict themselves: %s", why)
	}
	if why := differs(plan.Drive, ev.Before); why != "" {
		return changed.because("when it was sampled again, %s", why)
	}
	if ev.After != nil && (ev.After.ID() != plan.ID || differs(plan.Drive, *ev.After) != "") {
		return changed.because("another drive answered after it was sampled again")
	}
	if f := samplesLeft(m, ev.Recheck); f != nil {
		return recheck.because("%s", f.reason)
	}
	return drawn(plan, ev.Recheck)
}

// Erased returns the method that a drive's content comes from by its evidence:
// the last that ran; "" if none did. It is DriveOrder.Erased of a kept drive.
func Erased(ev *api.DriveEvidence) api.Method {
	if ev == nil || len(ev.Attempts) == 0 {
		return ""
	}
	last := ev.Attempts[len(ev.Attempts)-1]
	if last.NotRun != "" {
		return ""
	}
	return last.Method
}
