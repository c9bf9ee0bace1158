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
	Recorded bool // the evidence is that of the job's record, not a file
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
	if again := d.Recheck; again != nil && again.Evidence != nil && r.Judged.Outcome == imager.OutcomeErased {
		ev, recorded, err := evidence(again.Evidence, again.EvidenceFile, files)
		if err != nil {
			return Result{}, err
		}
		accepted := d
		accepted.SampleSeed, accepted.Outcome, accepted.Level, accepted.IEEE = again.Seed, r.Judged.Outcome, r.Judged.Level, r.Judged.IEEE
		if fresh := verdict.Recheck(accepted, limits, ev); fresh.Outcome != imager.OutcomeErased {
			fresh.Outcome = imager.OutcomeUnknown // a fresh sampling never makes it worse than unknown
			r.Judged, r.Recorded = fresh, recorded
		}
	}
	r.Agrees = r.Judged.Outcome == d.Outcome && r.Judged.Level == d.Level && r.Judged.Destroy == d.Destroy
	return r, nil
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
