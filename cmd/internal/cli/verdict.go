package cli

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"regain.example/agent/api"
	"regain.example/imager"
	"regain.example/imager/explain"
	"regain.example/imager/plan"
	"regain.example/imager/rejudge"
)

// errDiffers is returned where the verdict is not the one that was recorded.
var errDiffers = errors.New("the verdict is not the one that was recorded")

const verdictLong = `
Runs the verdict again over a job that was exported, without a controller, so that
anybody can check it:

  regain machine show NUMBER --json > job.json
  regain drive evidence SHA256 > evidence.json
  regain verdict job.json evidence.json

JOBFILE is a machine or a job as JSON. Each EVIDENCE is recognised by its SHA-256. A
drive whose evidence file is missing is judged by what the job's record holds,
which lacks the raw identify data. The exit status is 1 if an outcome, a level or
the word "destroy" differs from what was recorded.`

func verdictCommand() command {
	asJSON := false
	return command{
		name: "verdict", args: "JOBFILE [EVIDENCE...]", short: "judge an exported job again, offline", long: verdictLong,
		flags: func(fs *flag.FlagSet) { jsonFlag(fs, &asJSON) },
		run: func(_ context.Context, p Program, args []string) error {
			if len(args) == 0 {
				return fmt.Errorf("%w: give the file of a job", errUsage)
			}
			job, err := readJob(args[0])
			if err != nil {
				return err
			}
			files, err := readEvidence(job, args[1:])
			if err != nil {
				return err
			}
			results, err := rejudge.Job(job, files)
			if err != nil {
				return err
			}
			if asJSON {
				err = printJSON(p.Out, verdictLines(results))
			} else {
				err = printVerdicts(p.Out, job, results)
			}
			for _, r := range results {
				if !r.Agrees {
					err = errors.Join(err, fmt.Errorf("%w: drive %s", errDiffers, clean(plan.Name(r.Drive.Drive))))
				}
			}
			return err
		},
	}
}

// readJob reads a job, alone or within its machine.
func readJob(path string) (imager.Job, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return imager.Job{}, fmt.Errorf("read job: %w", err)
	}
	var within struct {
		Job *imager.Job `json:"job"`
	}
	if err := json.Unmarshal(text, &within); err != nil {
		return imager.Job{}, fmt.Errorf("read job %s: %w", path, err)
	}
	var job imager.Job
	if within.Job != nil {
		job = *within.Job
	} else if err := json.Unmarshal(text, &job); err != nil {
		return imager.Job{}, fmt.Errorf("read job %s: %w", path, err)
	}
	if job.ID == "" || len(job.Drives) == 0 {
		return imager.Job{}, fmt.Errorf("read job %s: it holds no job with drives", path)
	}
	return job, nil
}

// readEvidence reads the evidence files, each of which must be of the job.
func readEvidence(job imager.Job, paths []string) (rejudge.Files, error) {
	cited := map[string]bool{}
	for _, d := range job.Drives {
		cited[d.EvidenceFile] = true
		if d.Recheck != nil {
			cited[d.Recheck.EvidenceFile] = true
		}
	}
	files := rejudge.Files{}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("read evidence: %w", err)
		}
		if sum := files.Add(text); !cited[sum] {
			return nil, fmt.Errorf("read evidence %s: no drive of the job cites its SHA-256, %s", path, sum)
		}
	}
	return files, nil
}

// verdictLine is the verdict on one drive, for programs.
type verdictLine struct {
	Drive   api.DriveID    `json:"drive"`
	Outcome imager.Outcome `json:"outcome"`
	Level   imager.Level   `json:"level,omitempty"`
	IEEE    string         `json:"ieee,omitempty"`
	Proof   string         `json:"proof,omitempty"`
	Reason  string         `json:"reason"`
	Advice  string         `json:"advice,omitempty"`
	Destroy bool           `json:"destroy,omitempty"`
	// FromRecord is set when the evidence file was not given.
	FromRecord bool `json:"from_record"`
	Agrees     bool `json:"agrees"` // with what was recorded
}

func verdictLines(results []rejudge.Result) []verdictLine {
	lines := []verdictLine{}
	for _, r := range results {
		j := r.Judged
		lines = append(lines, verdictLine{r.Drive.ID, j.Outcome, j.Level, j.IEEE, j.Proof, j.Reason, j.Advice, j.Destroy, r.Recorded, r.Agrees})
	}
	return lines
}

func printVerdicts(w io.Writer, job imager.Job, results []rejudge.Result) error {
	fmt.Fprintf(w, "Job %s of machine %d, verification %s\n", clean(job.ID), job.Machine, job.Profile.Verify)
	for _, r := range results {
		d, said := r.Drive, r.Judged
		fmt.Fprintf(w, "%s\n    verdict    %s\n", clean(plan.Name(d.Drive)), outcome(said.Outcome, said.Level, said.Destroy))
		if !r.Agrees {
			fmt.Fprintf(w, "    RECORDED   %s\n", outcome(d.Outcome, d.Level, d.Destroy))
		}
		tell(w, "method", explain.How(*d))
		tell(w, "proof", explain.Plain(said.Proof))
		tell(w, "why", explain.Plain(said.Reason))
		tell(w, "ieee 2883", said.IEEE)
		tell(w, "to do", explain.Plain(said.Advice))
		if r.Recorded {
			tell(w, "note", "judged by the job's record; with the evidence file everything that was received is judged")
		}
	}
	return nil
}
