package rejudge_test

import (
	"encoding/json"
	"slices"
	"testing"

	"regain.example/agent/api"
	"regain.example/imager"
	"regain.example/imager/imagertest"
	"regain.example/imager/rejudge"
)

// job returns a job of imagertest's machines, of which every part may be changed.
func job(t *testing.T, machine int) imager.Job {
	t.Helper()
	all := imagertest.Erasures()
	i := slices.IndexFunc(all, func(v imager.View) bool { return v.Machine.Number == machine })
	return *all[i].Job
}

func judge(t *testing.T, j imager.Job, files rejudge.Files) rejudge.Result {
	t.Helper()
	all, err := rejudge.Job(j, files)
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 1 {
		t.Fatalf("%d results for one drive", len(all))
	}
	return all[0]
}

// TestBenchIsHonest: what imagertest's machines say of their drives is what the
// verdict makes of their evidence.
func TestBenchIsHonest(t *testing.T) {
	for _, v := range append(imagertest.Bench(), imagertest.Erasures()...) {
		if v.Job == nil || v.Job.Drives[0].Evidence == nil {
			continue
		}
		if r := judge(t, *v.Job, nil); !r.Agrees || !r.Recorded {
			t.Errorf("machine %d: %s %s destroy %v, recorded %s %s destroy %v: %s", v.Machine.Number,
				r.Judged.Outcome, r.Judged.Level, r.Judged.Destroy, r.Drive.Outcome, r.Drive.Level, r.Drive.Destroy, r.Judged.Reason)
		}
	}
}

func TestFileCountsMoreThanRecord(t *testing.T) {
	j := job(t, 14)
	text, err := json.Marshal(j.Drives[0].Evidence)
	if err != nil {
		t.Fatal(err)
	}
	files := rejudge.Files{}
	if sum := files.Add(text); sum != j.Drives[0].EvidenceFile {
		t.Fatalf("the bench names %s, the evidence is %s", j.Drives[0].EvidenceFile, sum)
	}
	j.Drives[0].Evidence = nil // the record is lost
	if r := judge(t, j, files); !r.Agrees || r.Recorded {
		t.Errorf("%+v, want what was recorded, by the file", r)
	}
	if r := judge(t, j, nil); r.Agrees || r.Judged.Outcome != imager.OutcomeUnknown {
		t.Errorf("without any evidence: %+v, want unknown", r)
	}
	files[j.Drives[0].EvidenceFile] = []byte("{")
	if _, err := rejudge.Job(j, files); err == nil {
		t.Error("broken evidence was judged")
	}
}

// TestForgedRecord: a record that says more than its evidence is found out.
func TestForgedRecord(t *testing.T) {
	for name, change := range map[string]func(*imager.JobDrive){
		"outcome": func(d *imager.JobDrive) { d.Evidence.Attempts[0].Markers.StillThere = 1 },
		"level":   func(d *imager.JobDrive) { d.Level = imager.LevelClear },
		"destroy": func(d *imager.JobDrive) { d.Destroy = true },
		"seed":    func(d *imager.JobDrive) { d.SampleSeed[0]++ },
	} {
		j := job(t, 14)
		change(j.Drives[0])
		if r := judge(t, j, nil); r.Agrees {
			t.Errorf("%s: agrees with a forged record", name)
		}
	}
}

// TestRecheckByFiles: the accepted evidence and the fresh sampling both come from
// their files, and the record holds neither.
func TestRecheckByFiles(t *testing.T) {
	j := job(t, 18)
	d := j.Drives[0]
	files := rejudge.Files{}
	for _, ev := range []*api.DriveEvidence{d.Evidence, d.Recheck.Evidence} {
		text, err := json.Marshal(ev)
		if err != nil {
			t.Fatal(err)
		}
		files.Add(text)
	}
	d.Evidence, d.Recheck.Evidence = nil, &api.DriveEvidence{}
	if r := judge(t, j, files); !r.Agrees || r.Recorded {
		t.Errorf("%+v, want what was recorded, by the files", r)
	}
}

func TestRecheckCounts(t *testing.T) {
	j := job(t, 18)
	d := j.Drives[0]
	d.Recheck.Evidence.Recheck.Uniform, d.Recheck.Evidence.Recheck.Other = 200, 56
	r := judge(t, j, nil)
	if r.Agrees || r.Judged.Outcome != imager.OutcomeUnknown {
		t.Errorf("content at a fresh sampling: %+v, want unknown", r.Judged)
	}
	d.Outcome, d.Level = imager.OutcomeUnknown, ""
	if r := judge(t, j, nil); !r.Agrees {
		t.Errorf("recorded as unknown: %+v, want agreement", r)
	}
}
