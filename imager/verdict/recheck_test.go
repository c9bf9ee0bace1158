package verdict

import (
	"reflect"
	"testing"

	"regain.example/agent/api"
	"regain.example/imager"
)

// keptSample is a drive whose sanitize was accepted in an earlier boot, and which
// reads as it did.
func keptSample() sample { return keptOf(good()["sanitize block"]) }

func keptOf(s sample) sample {
	j := s.judge()
	s.plan.Outcome, s.plan.Level, s.plan.Evidence = j.Outcome, j.Level, s.ev
	again := *last(&s).Sampling
	s.plan.SampleSeed = append([]byte{1}, seed()[1:]...)
	again.SeedSHA256 = hash(s.plan.SampleSeed)
	before := s.plan.Drive
	if before.NVMe != nil {
		before.NVMe = new(*before.NVMe)
	}
	s.ev = &api.DriveEvidence{Drive: s.plan.ID, Before: before, Kept: true, Recheck: &again}
	return s
}

func TestRecheckOfKeptDrives(t *testing.T) {
	for name, s := range good() {
		if last(&s).Sampling == nil {
			continue
		}
		k := keptOf(s)
		j := Recheck(k.plan, k.limits, k.ev)
		if j.Outcome != imager.OutcomeErased || j.Level != k.plan.Level || j.Level == "" || j.Proof == "" || j.Advice != "" {
			t.Errorf("%s: %+v", name, j)
		}
	}
}

func recheckCases() map[string]bad {
	erase := func(s *sample) { s.plan.Evidence = good()["overwrite"].ev }
	cases := map[string]bad{
		"nothing came":        {rule: noEvidence, change: func(s *sample) { s.ev = nil }},
		"of another":          {rule: anotherDrive, change: func(s *sample) { s.ev.Drive = "other" }},
		"another answers":     {rule: anotherDrive, change: func(s *sample) { s.ev.Before.Serial = "S9" }},
		"stopped":             {rule: stopped, change: func(s *sample) { s.ev.Stopped = "cancelled" }},
		"was not erased":      {rule: keptUnjudged, change: func(s *sample) { s.plan.Outcome = imager.OutcomeNotErased }},
		"was unknown":         {rule: keptUnjudged, change: func(s *sample) { s.plan.Outcome = "" }},
		"evidence was lost":   {rule: keptUnjudged, change: func(s *sample) { s.plan.Evidence = nil }},
		"not kept":            {rule: recheck, change: func(s *sample) { s.ev.Kept = false }},
		"not sampled":         {rule: recheck, change: func(s *sample) { s.ev.Recheck = nil }},
		"erased again":        {rule: recheck, change: func(s *sample) { s.ev.Attempts = good()["overwrite"].ev.Attempts }},
		"content":             {rule: recheck, change: func(s *sample) { s.ev.Recheck.Uniform, s.ev.Recheck.Other = 255, 1 }},
		"noise":               {rule: recheck, change: func(s *sample) { s.ev.Recheck.Uniform, s.ev.Recheck.Random = 255, 1 }},
		"pattern":             {rule: recheck, change: func(s *sample) { s.ev.Recheck.Uniform, s.ev.Recheck.Pattern = 255, 1 }},
		"no pattern any more": {rule: recheck, change: erase},
		"former seed":         {rule: sampling, change: func(s *sample) { s.plan.SampleSeed = seed() }},
		"no seed":             {rule: sampling, change: func(s *sample) { s.plan.SampleSeed = nil }},
		"read error":          {rule: sampling, change: func(s *sample) { s.ev.Recheck.ReadErrors = 1 }},
		"too few":             {rule: sampling, change: func(s *sample) { r := s.ev.Recheck; r.Blocks, r.Read, r.Uniform = 255, 255, 255 }},
		"does not add up":     {rule: contradiction, change: func(s *sample) { s.ev.Recheck.Uniform-- }},
		"another format":      {rule: changed, change: func(s *sample) { s.ev.Before.NVMe.LBAFormat = 0 }},
		"another afterwards":  {rule: changed, change: func(s *sample) { d := s.plan.Drive; d.Serial = "S9"; s.ev.After = &d }},
		"sick by now":         {rule: beyond, change: func(s *sample) { s.ev.HealthBefore, s.ev.HealthAfter = hot(), hot() }},
	}
	return cases
}

func hot() *api.Health { return &api.Health{Celsius: new(90)} }

func TestRecheckTable(t *testing.T) {
	for name, c := range recheckCases() {
		s := keptSample()
		c.change(&s)
		j := Recheck(s.plan, s.limits, s.ev)
		if j.Rule != string(c.rule) || j.Outcome == imager.OutcomeErased || j.Reason == "" || j.Advice == "" || j.Level != "" {
			t.Errorf("%s: %+v", name, j)
		}
	}
}

// TestRecheckIsNoErasure: a fresh sampling alone is not evidence of an erasure, nor
// is an erasure a fresh sampling.
func TestRecheckIsNoErasure(t *testing.T) {
	s := keptSample()
	if j := s.judge(); j.Outcome == imager.OutcomeErased {
		t.Errorf("a fresh sampling taken for an erasure: %+v", j)
	}
	for name, s := range good() {
		s.plan.Outcome, s.plan.Evidence = imager.OutcomeErased, s.ev
		if j := Recheck(s.plan, s.limits, s.ev); j.Outcome == imager.OutcomeErased {
			t.Errorf("%s: an erasure taken for a fresh sampling: %+v", name, j)
		}
	}
}

// TestEveryFieldOfARecheckMatters is TestEveryFieldMatters for fresh samples.
func TestEveryFieldOfARecheckMatters(t *testing.T) {
	s := keptSample()
	each(reflect.ValueOf(s.ev).Elem(), func(path string, v reflect.Value, other func() bool) {
		if harmless.MatchString(path) || path == ".AfterError" || path == ".NativeBytes" {
			return
		}
		for other() {
			if j := Recheck(s.plan, s.limits, s.ev); j.Outcome == imager.OutcomeErased && !bits.MatchString(path) {
				t.Errorf("still erased with %s = %v", path, v.Interface())
			}
		}
	})
}

func TestErased(t *testing.T) {
	for name, c := range map[string]struct {
		ev   *api.DriveEvidence
		want api.Method
	}{
		"none":      {nil, ""},
		"empty":     {&api.DriveEvidence{}, ""},
		"refused":   {&api.DriveEvidence{Attempts: []api.Attempt{notRun(api.MethodFormat, format(1))}}, ""},
		"format":    {good()["format"].ev, api.MethodFormat},
		"followed":  {good()["sanitize crypto,then"].ev, api.MethodOverwrite},
		"fell back": {good()["overwrite after refusals"].ev, api.MethodOverwrite},
	} {
		if got := Erased(c.ev); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
