package verdict

import (
	"fmt"
	"strings"

	"regain.example/agent/api"
	"regain.example/imager"
	plans "regain.example/imager/plan"
)

// level is what an attempt reaches by NIST SP 800-88 Rev. 2, which leaves the
// techniques to IEEE Std 2883. A Format is Clear: it reaches what is allocated, and
// leaves no log. A sanitize operation is Purge, unless the drive itself says that it
// is none by that standard.
func level(a api.Attempt) imager.Level {
	if plans.Sanitizes(a.Method) && !noPurge(a) {
		return imager.LevelPurge
	}
	return imager.LevelClear
}

// noPurge reports whether the drive refused Purge Required, or took it and did not
// say Purged at the end (nvme-cli's nvme-log-sanitize(1)).
func noPurge(a api.Attempt) bool {
	for _, c := range a.Commands {
		if c.Opcode == opcodeSanitize && c.Arguments&purgeRequired != 0 && refusal(c) {
			return true
		}
	}
	s := a.Sanitize
	return s != nil && s.LogArguments&purgeRequired != 0 && s.Status&statusPurged == 0
}

// success states what evidence without a fault proves. Where an overwrite followed
// a cryptographic erasure, both are proven, and the level is the higher one.
func success(plan imager.JobDrive, ev *api.DriveEvidence) Judgement {
	last := ev.Attempts[len(ev.Attempts)-1]
	j := Judgement{Outcome: imager.OutcomeErased, Rule: string(erased), Level: level(last), Proof: proof(ev),
		Reason: fmt.Sprintf("%s, verified by reading back", last.Method)}
	if followed(plan, ev) {
		crypto := ev.Attempts[len(ev.Attempts)-2]
		j.Reason = fmt.Sprintf("%s, then %s", crypto.Method, j.Reason)
		if level(crypto) == imager.LevelPurge {
			j.Level = imager.LevelPurge
		}
	}
	j.IEEE = ieee(ev)
	return j
}

// stillErased carries over what was accepted, which fresh samples bore out.
func stillErased(plan imager.JobDrive, ev *api.DriveEvidence) Judgement {
	return Judgement{Outcome: imager.OutcomeErased, Rule: string(erased), Level: plan.Level, IEEE: plan.IEEE,
		Proof:  proof(plan.Evidence) + "; " + proof(ev),
		Reason: fmt.Sprintf("%s, and sampled again", Erased(plan.Evidence))}
}

// ieee states what IEEE Std 2883 is known to say: only the drive's own word, where
// it was asked to purge by that standard or fail. The log's SCDW10 tells what was
// asked, and SSTAT bit 11 whether it did.
func ieee(ev *api.DriveEvidence) string {
	for _, a := range ev.Attempts {
		switch s := a.Sanitize; {
		case s == nil || a.NotRun != "":
		case noPurge(a):
			return "no Purge, by the drive's word (it refused Purge Required, or does not say Purged)"
		case s.LogArguments&purgeRequired != 0:
			return "Purge, by the drive's word (Purge Required was asked for, Purged is set)"
		}
	}
	return ""
}

// proof says in a line what was seen, whatever the outcome.
func proof(ev *api.DriveEvidence) string {
	var seen []string
	say := func(form string, args ...any) { seen = append(seen, fmt.Sprintf(form, args...)) }
	if ev == nil {
		return ""
	}
	for _, a := range ev.Attempts {
		if a.NotRun != "" {
			continue
		}
		say("%s", a.Method)
		if s := a.Sanitize; s != nil && s.Read {
			say("the drive's log says %s", logSays(s.Status&statusMask))
		}
		if m := a.Markers; m != nil {
			say("%d of %d markers gone", max(0, m.Read-m.StillThere-m.ReadErrors), m.Blocks)
		}
		if o := a.Overwrite; o != nil {
			say("%s written", plans.Size(o.BytesWritten))
		}
		if r := a.ReadBack; r != nil {
			say("%s read back, %d MiB differ", plans.Size(r.BytesRead), r.Mismatches)
		}
		if s := a.Sampling; s != nil {
			say("%d samples: %s", s.Read, classes(s))
		}
	}
	if s := ev.Recheck; s != nil {
		say("sampled again, %d: %s", s.Read, classes(s))
	}
	return strings.Join(seen, "; ")
}

// logSays puts the state in the sanitize log (SSTAT bits 2:0) in words.
func logSays(state uint16) string {
	switch state {
	case 0:
		return "never sanitized"
	case statusDone, statusDoneKept:
		return "sanitized"
	case 2:
		return "still at it"
	case 3:
		return "failed"
	}
	return fmt.Sprintf("state %d", state)
}

func classes(s *api.Sampling) string {
	var said []string
	for _, c := range []struct {
		n    int
		what string
	}{{s.Pattern, "pattern"}, {s.Uniform, "empty"}, {s.Random, "noise"}, {s.Other, "content"}} {
		if c.n > 0 {
			said = append(said, fmt.Sprintf("%d %s", c.n, c.what))
		}
	}
	if len(said) == 0 {
		return "none"
	}
	return strings.Join(said, ", ")
}
