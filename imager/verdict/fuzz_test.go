package verdict

import (
	"encoding/json"
	"testing"

	"regain.example/agent/api"
	"regain.example/imager"
)

// FuzzDrive wants that no evidence whatever is erased unless its numbers say so.
// The conditions are written anew here, apart from the rules.
func FuzzDrive(f *testing.F) {
	for _, s := range good() {
		text, err := json.Marshal(s.ev)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var ev api.DriveEvidence
		if json.Unmarshal(text, &ev) != nil {
			return
		}
		for _, s := range good() {
			s.ev = &ev
			j := s.judge()
			if j.Reason == "" || j.Rule == "" {
				t.Error("an outcome without a reason")
			}
			if j.Outcome == imager.OutcomeErased && !plausible(s) {
				t.Errorf("erased: %s", text)
			}
			Recheck(s.plan, s.limits, &ev) // must not panic
		}
	})
}

func plausible(s sample) bool {
	ev := s.ev
	if ev.Stopped != "" || ev.Kept || ev.After == nil || ev.After.ID() != s.plan.ID || len(ev.Attempts) == 0 {
		return false
	}
	a := ev.Attempts[len(ev.Attempts)-1]
	m, r, p := a.Markers, a.ReadBack, a.Sampling
	if a.Error != "" || a.NotRun != "" || r != nil && (r.Mismatches > 0 || len(r.ReadErrors) > 0) || p == nil && a.Method != api.MethodOverwrite {
		return false
	}
	if a.Method == api.MethodOverwrite {
		return r != nil && r.BytesRead == size && a.Overwrite.From+a.Overwrite.BytesWritten == size && (p == nil || p.Pattern == p.Blocks)
	}
	return m != nil && m.StillThere+m.Former+m.SamplesHit+m.ReadErrors == 0 && m.Read >= 64 && p.Other+p.Pattern == 0 && p.Read == p.Blocks
}
