// Package rejudge runs the verdict again over a job as it was recorded, so that
// anybody can check what the controller said. It is pure, and needs neither
// controller nor store: the job as JSON and the evidence files are enough.
package rejudge

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"regain.example/agent/api"
	"regain.example/imager"
	"regain.example/imager/plan"
	"regain.example/imager/verdict"
)

// Files are evidence files by the SHA-256 of their content, in hex.
type Files map[string][]byte

// Add takes a file in and returns its SHA-256.
func (f Files) Add(text []byte) string {
	sum := sha256.Sum256(text)
	name := hex.EncodeToString(sum[:])
	f[name] = text
	return name
}

// Result is what the verdict says of one drive now, beside what was recorded.
type Result struct {
	Drive    *imager.JobDrive // as recorded
	Judged   verdict.Judgement
	Recorded bool // evidence of the job's record was judged, not only files
	Agrees   bool // outcome, level and destroy are as recorded
}

// Job judges every drive of a job again. A drive whose evidence file is among
// files is judged by that, any other by what the job's record holds.
func Job(j imager.Job, files Files) ([]Result, error) {
	var all []Result
	for _, d := range j.Drives {
		r, err := drive(j.Profile, *d, files)
		if err != nil {
			return nil, fmt.Errorf("judge drive %s: %w", plan.Name(d.Drive), err)
		}
		r.Drive = d
		r.Agrees = r.Judged.Outcome == d.Outcome && r.Judged.Level == d.Level && r.Judged.Destroy == d.Destroy
		all = append(all, r)
	}
	return all, nil
}

func drive(p imager.Profile, d imager.JobDrive, files Files) (Result, error) {
	limits := plan.Limits(p.Limits, d.Drive)
	ev, recorded, err := evidence(d.Evidence, d.EvidenceFile, files)
	if err != nil {
		return Result{}, err
	}
	r := Result{Judged: verdict.Drive(d, limits, ev), Recorded: recorded}
	if d.Recheck != nil && d.Recheck.Evidence != nil && r.Judged.Outcome == imager.OutcomeErased {
		d.Evidence = ev
		if err := r.again(d, limits, files); err != nil {
			return Result{}, err
		}
	}
	return r, nil
}

// again judges the fresh sampling of an accepted drive. One that does not bear the
// evidence out makes it unknown, as the controller does.
func (r *Result) again(d imager.JobDrive, limits imager.DriveLimits, files Files) error {
	ev, recorded, err := evidence(d.Recheck.Evidence, d.Recheck.EvidenceFile, files)
	if err != nil {
		return err
	}
	d.SampleSeed = d.Recheck.Seed
	d.Outcome, d.Level, d.IEEE = r.Judged.Outcome, r.Judged.Level, r.Judged.IEEE
	fresh := verdict.Recheck(d, limits, ev)
	if fresh.Outcome != imager.OutcomeErased {
		fresh.Outcome = imager.OutcomeUnknown
		r.Judged = fresh
	}
	r.Recorded = r.Recorded || recorded
	return nil
}

// evidence prefers the file, which is all that came.
func evidence(record *api.DriveEvidence, file string, files Files) (ev *api.DriveEvidence, recorded bool, err error) {
	text, ok := files[file]
	if !ok {
		return record, true, nil
	}
	ev = new(api.DriveEvidence)
	if err := json.Unmarshal(text, ev); err != nil {
		return nil, false, fmt.Errorf("read evidence %s: %w", file, err)
	}
	return ev, false, nil
}
