// Package verdict alone says whether a drive is erased. It is pure over the plan
// and the evidence, so anybody can run it again, and its table is this:
//
//	what the evidence says                                    outcome
//	no evidence; stopped before its end; an error             unknown
//	evidence of another drive, or contradictory numbers       unknown
//	a method that was not planned, or out of order            unknown
//	a method after one that may have run                      unknown
//	every planned method refused before it began              not erased
//	the pattern was not read back, or content was still there not erased
//	identity, size or format differ afterwards, or not told   unknown
//	overwrite: bytes written, read back and the size equal,
//	  flushed, no write error, read error or mismatch         erased
//	format: the command received with status 0, every marker
//	  laid, flushed and read again, none left, no sample of
//	  the former content left, no read error; with a full
//	  read-back also every byte read                          erased
//	anything else                                             unknown
package verdict

import (
	"fmt"

	"regain.example/agent/api"
	"regain.example/imager"
)

// Drive judges the evidence of one drive against the plan and the profile's
// limits. It does not look at what plan says of an outcome.
func Drive(plan imager.JobDrive, limits imager.DriveLimits, ev *api.DriveEvidence) Judgement {
	o, why := drive(plan, ev)
	return Judgement{Outcome: o, Reason: why}
}

// Recheck judges the fresh sampling of a drive whose evidence was accepted in an
// earlier boot, or before an installation is tried again. plan holds what was
// accepted, and the new SampleSeed.
func Recheck(plan imager.JobDrive, limits imager.DriveLimits, ev *api.DriveEvidence) Judgement {
	return Judgement{Reason: "no fresh sampling was received"}
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

func drive(plan imager.JobDrive, ev *api.DriveEvidence) (imager.Outcome, string) {
	switch {
	case ev == nil:
		return unknown("no evidence was received")
	case ev.Drive != plan.ID || ev.Before.ID() != plan.ID:
		return unknown("the evidence is for another drive (%s)", ev.Drive)
	case ev.Stopped != "":
		return unknown("the work stopped before its end: %s", ev.Stopped)
	case ev.Kept:
		return unknown("the drive was left as it was, with no accepted evidence in this job")
	case len(ev.Attempts) == 0:
		return unknown("nothing was done to the drive")
	case len(ev.Attempts) > len(plan.Methods):
		return unknown("more methods were tried (%d) than were planned (%d)", len(ev.Attempts), len(plan.Methods))
	}
	last := len(ev.Attempts) - 1
	for i, a := range ev.Attempts {
		if a.Method != plan.Methods[i] {
			return unknown("%s was tried where %s was planned", a.Method, plan.Methods[i])
		}
		if a.NotRun != "" && ran(a) {
			return unknown("%s is said not to have run (%s), but the evidence shows that it began", a.Method, a.NotRun)
		}
		if i < last && a.NotRun == "" {
			return unknown("%s was tried after %s, which may have run", ev.Attempts[i+1].Method, a.Method)
		}
	}
	return attempt(plan, ev)
}

// ran reports whether an attempt shows any trace of having begun.
func ran(a api.Attempt) bool {
	for _, c := range a.Commands {
		if erases(c) && c.Status <= 0 {
			return true // succeeded, or its end is not known
		}
	}
	return a.Error != "" || a.ReadBack != nil ||
		a.Overwrite != nil && (a.Overwrite.BytesWritten > 0 || len(a.Overwrite.WriteErrors) > 0) ||
		a.Markers != nil && a.Markers.Read > 0
}

// attempt judges the last attempt, the only one that can have run.
func attempt(plan imager.JobDrive, ev *api.DriveEvidence) (imager.Outcome, string) {
	a := ev.Attempts[len(ev.Attempts)-1]
	switch {
	case a.NotRun != "" && len(ev.Attempts) == len(plan.Methods):
		return imager.OutcomeNotErased, fmt.Sprintf("the drive refused every method; the last, %s: %s", a.Method, a.NotRun)
	case a.NotRun != "":
		return unknown("%s was refused (%s), and the next method was not tried", a.Method, a.NotRun)
	case a.Error != "":
		return unknown("%s did not complete: %s", a.Method, a.Error)
	case a.EndedMillis < a.BeganMillis:
		return unknown("%s ended before it began", a.Method)
	}
	if why := contradicts(a, plan.Drive.SizeBytes); why != "" {
		return unknown("the evidence contradicts itself: %s", why)
	}
	if why := stillThere(a); why != "" {
		return imager.OutcomeNotErased, why
	}
	if why := changed(plan, ev); why != "" {
		return unknown("%s", why)
	}
	var missing string
	switch a.Method {
	case api.MethodOverwrite:
		missing = overwrite(a, plan.Drive.SizeBytes)
	case api.MethodFormat, api.MethodFormatCrypto:
		missing = format(a, plan)
	default:
		missing = "no rule knows the method " + string(a.Method)
	}
	if missing != "" {
		return unknown("%s", missing)
	}
	return imager.OutcomeErased, fmt.Sprintf("%s, verified by reading back", a.Method)
}

func unknown(form string, args ...any) (imager.Outcome, string) {
	return imager.OutcomeUnknown, fmt.Sprintf(form, args...)
}
