package verdict

import (
	"regain.example/agent/api"
	"regain.example/imager"
	plans "regain.example/imager/plan"
)

// Drive judges the evidence of one drive against the plan and the profile's
// limits. It does not look at what plan says of an outcome.
func Drive(plan imager.JobDrive, limits imager.DriveLimits, ev *api.DriveEvidence) Judgement {
	f := received(plan, ev)
	if f == nil {
		f = attempts(plan, ev)
	}
	return judge(plan, limits, ev, f)
}

// received wants evidence of the right drive, of work that came to its end.
func received(plan imager.JobDrive, ev *api.DriveEvidence) *fault {
	switch {
	case ev == nil:
		return noEvidence.because("no evidence was received")
	case ev.Drive != plan.ID || ev.Before.ID() != plan.ID:
		return anotherDrive.because("the evidence is of another drive (%s)", ev.Drive)
	case ev.Stopped != "":
		f := stopped.because("the work stopped before its end: %s%s", ev.Stopped, state(ev.State))
		if ev.Stopped != cancelled {
			f.advice = againThenPull
		}
		return f
	}
	return nil
}

// cancelled is what DriveEvidence.Stopped says where a person stopped the work.
const cancelled = "cancelled"

func state(says string) string {
	if says == "" {
		return ""
	}
	return "; the drive now: " + says
}

// attempts judges the methods that were tried.
func attempts(plan imager.JobDrive, ev *api.DriveEvidence) *fault {
	if f := sequence(plan, ev); f != nil {
		return f
	}
	last := ev.Attempts[len(ev.Attempts)-1]
	if followed(plan, ev) {
		return first(preceding(plan, ev), final(plan, ev, last))
	}
	return final(plan, ev, last)
}

// final judges the attempt that the drive's content comes from.
func final(plan imager.JobDrive, ev *api.DriveEvidence, a api.Attempt) *fault {
	return first(
		ended(plan, a),
		contradicts(a, plan.Drive),
		stillThere(a),
		same(plan, ev),
		identified(plan, ev),
		reached(plan, ev, a.Method),
		performed(plan, ev, a),
		readBack(plan, a),
		sampled(plan, a),
		unfollowed(plan, ev, a),
	)
}

// preceding judges the cryptographic erasure before the last attempt. It has to
// be proven as if it stood alone, samples excepted: their places were not asked
// for before everything was overwritten. A drive on which content outlived it has
// said "done" of what it had not done, and is not believed again, although the
// overwrite was read back.
func preceding(plan imager.JobDrive, ev *api.DriveEvidence) *fault {
	n := len(ev.Attempts)
	a := ev.Attempts[n-2]
	if last := ev.Attempts[n-1]; last.NotRun != "" {
		return following.because("%s did not follow %s: %s", last.Method, a.Method, last.NotRun)
	}
	f := first(ended(plan, a), contradicts(a, plan.Drive), stillThere(a), performed(plan, ev, a))
	if f != nil && f.rule == content {
		return belied.because("%s", f.reason)
	}
	return f
}

// performed judges the first proof, the drive's own word, and what stands beside
// it from before: the pattern that was written, or the markers.
func performed(plan imager.JobDrive, ev *api.DriveEvidence, a api.Attempt) *fault {
	switch {
	case a.Method == api.MethodOverwrite:
		return written(plan, a)
	case a.Method == api.MethodFormat || a.Method == api.MethodFormatCrypto:
		return first(formatted(plan, ev, a), marked(plan, a))
	case plans.Sanitizes(a.Method):
		return first(sanitized(plan, ev, a), marked(plan, a))
	}
	return order.because("no rule knows the method %s", a.Method)
}

// judge turns an objection, or none, into words.
func judge(plan imager.JobDrive, limits imager.DriveLimits, ev *api.DriveEvidence, f *fault) Judgement {
	var over *fault
	if ev != nil && ev.Drive == plan.ID {
		over = beyondLimits(plans.Limits(limits, plan.Drive), ev)
		f = first(f, health(ev), over)
	}
	if f == nil {
		if ev.Kept {
			return stillErased(plan, ev)
		}
		return success(plan, ev)
	}
	r := f.rule.row()
	j := Judgement{Outcome: r.outcome, Rule: string(f.rule), Reason: f.reason, Proof: proof(ev)}
	advice := r.advice
	if f.advice != nil {
		advice = f.advice
	}
	if advice != nil {
		j.Advice = advice(plan.Drive)
	}
	if over != nil {
		j.Destroy, j.Advice = true, destroy(plan.Drive)
		if f != over {
			j.Reason += "; and " + over.reason
		}
	}
	return j
}
