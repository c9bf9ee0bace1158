package verdict

import (
	"slices"

	"regain.example/agent/api"
	"regain.example/imager"
	plans "regain.example/imager/plan"
)

// sequence wants the methods in the planned order, each after one that is known
// not to have run; only what follows a cryptographic erasure comes after one that
// ran.
func sequence(plan imager.JobDrive, ev *api.DriveEvidence) *fault {
	switch {
	case ev.Kept || ev.Recheck != nil:
		return keptUnjudged.because("the drive was left as it was, with no accepted evidence in this job")
	case len(ev.Attempts) == 0:
		return nothingDone.because("nothing was done to the drive")
	}
	if f := goesOn(plan, ev); f != nil {
		return f
	}
	tried := ev.Attempts
	if followed(plan, ev) {
		tried = tried[:len(tried)-1]
	}
	if len(tried) > len(plan.Methods) {
		return order.because("more methods were tried (%d) than were planned (%d)", len(tried), len(plan.Methods))
	}
	for i, a := range tried {
		if a.Method != plan.Methods[i] {
			return order.because("%s was tried where %s was planned", a.Method, plan.Methods[i])
		}
		if a.NotRun != "" && ran(a) {
			return mayHaveRun.because("%s is said not to have run (%s), but the evidence shows that it began", a.Method, a.NotRun)
		}
		if i < len(tried)-1 && a.NotRun == "" {
			return mayHaveRun.because("%s was tried after %s, which may have run", tried[i+1].Method, a.Method)
		}
	}
	return nil
}

// followed reports whether the last attempt is what the plan has follow a
// cryptographic erasure that ran.
func followed(plan imager.JobDrive, ev *api.DriveEvidence) bool {
	n := len(ev.Attempts)
	if n < 2 {
		return false
	}
	crypto, last := ev.Attempts[n-2], ev.Attempts[n-1]
	return plans.Crypto(crypto.Method) && crypto.NotRun == "" && last.Method == plan.Follow
}

// unfollowed objects to a cryptographic erasure that the plan wants followed.
func unfollowed(plan imager.JobDrive, ev *api.DriveEvidence, a api.Attempt) *fault {
	if plan.Follow != "" && plans.Crypto(a.Method) {
		return following.because("%s has to be followed by %s, and was not", a.Method, plan.Follow)
	}
	return nil
}

// goesOn wants the work to begin where the controller said, by its own journal.
func goesOn(plan imager.JobDrive, ev *api.DriveEvidence) *fault {
	was, said := plan.Resumed, ev.Resumed
	switch {
	case was == nil && said == nil:
		return nil
	case was == nil || said == nil || *was != *said:
		return resumed.because("the work did not go on from what the controller knew of the boots before")
	case ev.Attempts[0].Method != was.Method || !slices.Equal(plan.Methods, []api.Method{was.Method}):
		return resumed.because("%s had begun in an earlier boot, and %s was tried in this one", was.Method, ev.Attempts[0].Method)
	case ev.Attempts[0].NotRun != "":
		return resumed.because("%s had begun in an earlier boot and was refused in this one (%s): nobody knows how far it came", was.Method, ev.Attempts[0].NotRun)
	}
	return nil
}

// ran reports whether an attempt shows any trace of having begun.
func ran(a api.Attempt) bool {
	for _, c := range a.Commands {
		if erases(c) && !refusal(c) {
			return true // succeeded, or its end is not known
		}
	}
	return a.Error != "" || a.ReadBack != nil || a.Sampling != nil ||
		a.Sanitize != nil && (a.Sanitize.Accepted || a.Sanitize.SeenRunning > 0) ||
		a.Overwrite != nil && (a.Overwrite.BytesWritten > 0 || len(a.Overwrite.WriteErrors) > 0) ||
		a.Markers != nil && a.Markers.Read > 0
}

// ended wants an attempt that came to its end.
func ended(plan imager.JobDrive, a api.Attempt) *fault {
	switch last := len(plan.Methods) - 1; {
	case a.NotRun != "" && last >= 0 && a.Method == plan.Methods[last]:
		return refused.because("the drive refused every method; the last, %s: %s", a.Method, a.NotRun)
	case a.NotRun != "":
		return mayHaveRun.because("%s was refused (%s), and the next method was not tried", a.Method, a.NotRun)
	case a.Error != "":
		return failed.because("%s did not complete: %s", a.Method, a.Error)
	}
	return nil
}
