package plan

import (
	"slices"
	"testing"

	"regain.example/agent/api"
	"regain.example/imager"
)

func TestResume(t *testing.T) {
	const (
		block, crypto, format, overwrite = api.MethodSanitizeBlock, api.MethodSanitizeCrypto, api.MethodFormat, api.MethodOverwrite
	)
	all := []api.Method{block, crypto, format, overwrite}
	for name, c := range map[string]struct {
		methods []api.Method
		journal *api.JournalEntry
		want    []api.Method
		follow  api.Method
		resumes bool
	}{
		"nothing began":             {all, nil, all, overwrite, false},
		"the strongest began":       {all, &api.JournalEntry{Method: block, Stage: api.StageBegun}, []api.Method{block}, "", true},
		"a sanitize was accepted":   {all, &api.JournalEntry{Method: crypto, Stage: api.StageAccepted}, []api.Method{crypto}, overwrite, true},
		"crypto was completed":      {all, &api.JournalEntry{Method: crypto, Stage: api.StageCompleted}, []api.Method{crypto}, overwrite, true},
		"a weaker one began":        {all, &api.JournalEntry{Method: format, Stage: api.StageBegun}, []api.Method{format}, "", true},
		"an overwrite came so far":  {all, &api.JournalEntry{Method: overwrite, Stage: api.StageOffset, Offset: 7}, []api.Method{overwrite}, "", true},
		"what follows crypto began": {[]api.Method{crypto}, &api.JournalEntry{Method: overwrite, Stage: api.StageOffset, Offset: 7}, []api.Method{overwrite}, "", true},
		"not planned":               {[]api.Method{block}, &api.JournalEntry{Method: overwrite, Stage: api.StageBegun}, nil, overwrite, false},
		"no method":                 {all, &api.JournalEntry{}, nil, overwrite, false},
	} {
		d := imager.JobDrive{Methods: slices.Clone(c.methods), Follow: overwrite, SampleSeed: []byte{1}, Resumed: &api.Resume{}}
		if c.journal != nil {
			d.Journal = &imager.DriveJournal{JournalEntry: *c.journal}
		}
		got := Resume(d)
		if !slices.Equal(got.Methods, c.want) || got.Follow != c.follow || got.SampleSeed != nil || !slices.Equal(d.Methods, c.methods) {
			t.Errorf("%s: %+v", name, got)
		}
		if (got.Resumed != nil) != c.resumes || c.resumes && got.Resumed.JournalEntry != *c.journal {
			t.Errorf("%s: goes on from %+v", name, got.Resumed)
		}
		if again := Resume(got); !slices.Equal(again.Methods, got.Methods) || again.Follow != got.Follow {
			t.Errorf("%s: another boot changes the plan: %+v", name, again)
		}
	}
}
