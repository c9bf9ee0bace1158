package verdict

import (
	"strings"
	"testing"

	"regain.example/agent/api"
	"regain.example/imager"
)

func TestGoodEvidenceIsErased(t *testing.T) {
	purge := map[string]bool{"sanitize block": true, "sanitize block, r1": true, "sanitize resumed": true,
		"sanitize crypto": true, "sanitize crypto,then": true, "sanitize seen running": true, "sanitize beyond namespaces": true, "sanitize after another's failure": true, "sanitize overwrite": true}
	for name, s := range good() {
		j := s.judge()
		want := imager.LevelClear
		if purge[name] {
			want = imager.LevelPurge
		}
		if j.Outcome != imager.OutcomeErased || j.Rule != "erased" || j.Reason == "" || j.Proof == "" || j.Advice != "" || j.Destroy {
			t.Errorf("%s: %+v", name, j)
		}
		if j.Level != want || j.IEEE != "" {
			t.Errorf("%s: level %q, IEEE %q, want %q", name, j.Level, j.IEEE, want)
		}
	}
}

// TestIEEE: Purge by that standard only where it was asked for and is said to be
// done; and where the drive says otherwise, no Purge by any.
func TestIEEE(t *testing.T) {
	ask := func(s *sample) {
		a := last(s)
		a.Commands[0].Arguments |= 1 << 11
		a.Sanitize.Arguments, a.Sanitize.LogArguments, a.Sanitize.PurgeRequired = a.Commands[0].Arguments, a.Commands[0].Arguments, true
	}
	for name, c := range map[string]struct {
		change func(*sample)
		level  imager.Level
		ieee   string
	}{
		"asked and done": {func(s *sample) { ask(s); last(s).Sanitize.Status = 0x901 }, imager.LevelPurge, "Purge, by"},
		"asked":          {ask, imager.LevelClear, "no Purge"},
		"done unasked":   {func(s *sample) { last(s).Sanitize.Status = 0x901 }, imager.LevelPurge, ""},
		"claimed":        {func(s *sample) { last(s).Sanitize.PurgeRequired, last(s).Sanitize.Status = true, 0x901 }, imager.LevelPurge, ""},
		"refused": {func(s *sample) {
			first := sanitize(2)
			first.Arguments, first.Status = first.Arguments|1<<11, 0x002 // Invalid Field in Command
			last(s).Commands = append([]api.Command{first}, last(s).Commands...)
		}, imager.LevelClear, "no Purge"},
	} {
		s := good()["sanitize block"]
		c.change(&s)
		if j := s.judge(); j.Outcome != imager.OutcomeErased || j.Level != c.level || !strings.HasPrefix(j.IEEE, c.ieee) || (c.ieee == "") != (j.IEEE == "") {
			t.Errorf("%s: %+v", name, j)
		}
	}
}

// TestTable has a row for each way in which evidence falls short.
func TestTable(t *testing.T) {
	for name, c := range cases() {
		t.Run(name, func(t *testing.T) {
			s, ok := good()[c.of]
			if !ok {
				t.Fatalf("no sample %q", c.of)
			}
			c.change(&s)
			j := s.judge()
			if j.Rule != string(c.rule) || j.Outcome == imager.OutcomeErased {
				t.Fatalf("%s by %q (%s), want %q", j.Outcome, j.Rule, j.Reason, c.rule)
			}
			if j.Reason == "" || j.Advice == "" || j.Level != "" || j.IEEE != "" {
				t.Errorf("%+v", j)
			}
			if j.Destroy != (c.rule == beyond) {
				t.Errorf("destroy is %v: %s", j.Destroy, j.Reason)
			}
		})
	}
}

// TestDestroyBesidesAnotherFault: a limit is told whatever else went wrong.
func TestDestroyBesidesAnotherFault(t *testing.T) {
	s := good()["format"]
	last(&s).Markers.StillThere = 1
	s.ev.HealthAfter.MediaErrors = new(uint64(51))
	j := s.judge()
	if j.Outcome != imager.OutcomeNotErased || !j.Destroy || !strings.Contains(j.Reason, "bad sectors") || !strings.Contains(j.Advice, "destroyed") {
		t.Errorf("%+v", j)
	}
}

// TestAdviceNamesTheDrive by its place, else by its serial.
func TestAdviceNamesTheDrive(t *testing.T) {
	for _, c := range []struct {
		drive api.Drive
		want  string
	}{
		{api.Drive{Bay: "M.2 slot 1", Serial: "N1"}, "Pull the drive in M.2 slot 1 (serial N1), seal it"},
		{api.Drive{Bay: "bay 3"}, "Pull the drive in bay 3, seal it"},
		{api.Drive{Serial: "S1", Location: "ata1"}, "Pull the drive with serial S1, seal it"},
		{api.Drive{Model: "Disk", Location: "ata1"}, "Pull the drive Disk at ata1, seal it"},
		{api.Drive{Location: "ata1"}, "Pull the drive at ata1, seal it"},
	} {
		if got := pull(c.drive); !strings.HasPrefix(got, c.want) {
			t.Errorf("%q, want %q", got, c.want)
		}
		if got := lookAndAgain(c.drive); !strings.Contains(got, "Then power") || !strings.Contains(got, "again, pull the drive") {
			t.Errorf("%q", got)
		}
	}
}

// TestStateIsTold: what a stopped drive holds stands in the reason.
func TestStateIsTold(t *testing.T) {
	s := good()["overwrite"]
	s.ev.Stopped, s.ev.State = "cancelled", "overwritten up to 1.0 GB"
	if j := s.judge(); !strings.Contains(j.Reason, "overwritten up to 1.0 GB") || strings.Contains(j.Advice, "ull the drive") {
		t.Errorf("%+v", j)
	}
	s.ev.Stopped, s.ev.State = "drive disappeared", ""
	if j := s.judge(); j.Reason != "the work stopped before its end: drive disappeared" {
		t.Errorf("%+v", j)
	}
	if j := s.judge(); !strings.Contains(j.Advice, "pull the drive") {
		t.Errorf("%+v", j)
	}
}

// TestQuestionsAreNoErasure: commands that only ask may stand among the others.
func TestQuestionsAreNoErasure(t *testing.T) {
	ask := api.Command{Name: "Identify", Opcode: 0x06, Arguments: 1, Status: 0x002}
	for _, name := range []string{"format", "sanitize block", "sanitize resumed", "overwrite", "overwrite after refusals"} {
		s := good()[name]
		for i := range s.ev.Attempts {
			s.ev.Attempts[i].Commands = append([]api.Command{ask}, s.ev.Attempts[i].Commands...)
		}
		if j := s.judge(); j.Outcome != imager.OutcomeErased {
			t.Errorf("%s: %+v", name, j)
		}
	}
}

// TestProof says what was seen, and nothing of what was not.
func TestProof(t *testing.T) {
	for name, want := range map[string]string{
		"overwrite":                "overwrite; 536.9 MB written; 536.9 MB read back, 0 MiB differ; 256 samples: 256 pattern",
		"overwrite after refusals": "overwrite; 536.9 MB written; 536.9 MB read back, 0 MiB differ; 256 samples: 256 pattern",
		"format":                   "nvme-format; 64 of 64 markers gone; 256 samples: 256 empty",
		"sanitize crypto":          "nvme-sanitize-crypto; the drive's log says sanitized; 64 of 64 markers gone; 256 samples: 56 empty, 200 noise",
		"format crypto, then": "nvme-format-crypto; 64 of 64 markers gone; overwrite; 536.9 MB written; " +
			"536.9 MB read back, 0 MiB differ; 256 samples: 256 pattern",
	} {
		s := good()[name]
		if got := s.judge().Proof; got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	s := good()["format"]
	s.ev.Attempts[0] = api.Attempt{Method: api.MethodFormat, Error: "timeout"}
	if got := s.judge().Proof; got != "nvme-format" {
		t.Errorf("%q", got)
	}
	s = good()["sanitize block"]
	*last(&s).Sanitize = api.Sanitize{}
	*last(&s).Sampling = api.Sampling{}
	if got := s.judge().Proof; got != "nvme-sanitize-block; 64 of 64 markers gone; 0 samples: none" {
		t.Errorf("%q", got)
	}
}

// TestWords: what changed, and what is missing, is named.
func TestWords(t *testing.T) {
	for word, change := range map[string]func(*sample){
		"namespaces were not": func(s *sample) { s.ev.After.NVMe.NSID = 2 },
		"the namespaces were": func(s *sample) { s.ev.After.NVMe.Namespaces = 2 },
		"those of the":        func(s *sample) { s.ev.After.NVMe.Allocated = 2 },
		"the LBA format":      func(s *sample) { s.ev.After.NVMe.LBAFormat = 0 },
		"LBA format was":      func(s *sample) { s.ev.After.NVMe.LBADataSize = 512 },
		"metadata or":         func(s *sample) { s.ev.After.NVMe.Metadata = 0 },
		"metadata":            func(s *sample) { s.ev.After.NVMe.MetadataExt = false },
		"protection":          func(s *sample) { s.ev.After.NVMe.Protection = 0 },
		"advertised":          func(s *sample) { s.ev.After.NVMe.OACS = 0xf },
		"log could not":       func(s *sample) { *last(s).Sanitize = api.Sanitize{Accepted: true, Arguments: 10} },
	} {
		s := good()["sanitize block"]
		change(&s)
		if j := s.judge(); !strings.Contains(j.Reason, word) {
			t.Errorf("%q does not say %q", j.Reason, word)
		}
	}
}
