package control

import (
	"context"
	"encoding/json"
	"fmt"

	"regain.example/agent/api"
	"regain.example/imager"
)

// Bounds of the evidence of one drive, in bytes of JSON.
const (
	maxEvidence = 1 << 20  // that is taken, and kept as a file
	maxRecord   = 64 << 10 // that is kept within the job
	maxInRecord = 64       // entries of one list within the job
	maxWords    = 4 * maxText
)

// keepEvidence keeps the evidence of a drive as a file, and returns what of it
// goes into the job's record, with the file's SHA-256. Evidence that is too large
// is replaced by the fact that it was, without a file: that is never accepted.
func (c *Controller) keepEvidence(ctx context.Context, ev *api.DriveEvidence) (record *api.DriveEvidence, file string, err error) {
	text, err := json.Marshal(ev)
	if err != nil || len(text) > maxEvidence {
		return &api.DriveEvidence{Drive: api.DriveID(clean(string(ev.Drive))),
			Stopped: fmt.Sprintf("the evidence of %d bytes is larger than the %d that are kept", len(text), maxEvidence)}, "", nil
	}
	if file, err = c.store.KeepEvidence(ctx, text); err != nil {
		return nil, "", err
	}
	return brief(ev), file, nil
}

// whole is the evidence to be judged: all that came, if it was kept.
func whole(record *api.DriveEvidence, file string, ev *api.DriveEvidence) *api.DriveEvidence {
	if file == "" {
		return record
	}
	return ev
}

// brief is the evidence without the raw identify data and within maxRecord: long
// lists and texts are cut first, then what is no count goes.
func brief(ev *api.DriveEvidence) *api.DriveEvidence {
	b := *ev
	b.IdentifyBefore, b.IdentifyAfter = nil, nil
	b.Attempts = nil
	for _, a := range ev.Attempts[:min(len(ev.Attempts), maxInRecord)] {
		b.Attempts = append(b.Attempts, cut(a))
	}
	if fits(b) {
		return &b
	}
	b = api.DriveEvidence{Drive: ev.Drive, Kept: ev.Kept, Stopped: words(ev.Stopped), State: words(ev.State)}
	for _, a := range ev.Attempts[:min(len(ev.Attempts), maxInRecord)] {
		b.Attempts = append(b.Attempts, api.Attempt{Method: api.Method(clean(string(a.Method))),
			BeganMillis: a.BeganMillis, EndedMillis: a.EndedMillis, NotRun: clean(a.NotRun), Error: clean(a.Error)})
	}
	if !fits(b) {
		b = api.DriveEvidence{Stopped: words(ev.Stopped)}
	}
	return &b
}

func fits(ev api.DriveEvidence) bool {
	text, err := json.Marshal(ev)
	return err == nil && len(text) <= maxRecord
}

// cut shortens the lists of an attempt. What it shortens it copies.
func cut(a api.Attempt) api.Attempt {
	a.Commands, a.Asked = head(a.Commands), head(a.Asked)
	a.NotRun, a.Error = words(a.NotRun), words(a.Error)
	if a.Overwrite != nil {
		o := *a.Overwrite
		o.WriteErrors = head(o.WriteErrors)
		a.Overwrite = &o
	}
	if a.Sampling != nil {
		s := *a.Sampling
		s.First = head(s.First)
		a.Sampling = &s
	}
	if a.ReadBack != nil {
		r := *a.ReadBack
		r.First, r.ReadErrors = head(r.First), head(r.ReadErrors)
		a.ReadBack = &r
	}
	return a
}

func head[T any](all []T) []T { return all[:min(len(all), maxInRecord)] }

// words bounds a text and leaves it otherwise as it was sent.
func words(s string) string {
	if len(s) <= maxWords {
		return s
	}
	return clean(s)
}

// unjudged takes back all that was said of a drive.
func unjudged(d *imager.JobDrive) {
	d.Evidence, d.EvidenceFile, d.Rechecked, d.Recheck = nil, "", "", nil
	d.Outcome, d.Level, d.IEEE = imager.OutcomeUnknown, "", ""
	d.Proof, d.Reason, d.Advice, d.Destroy = "", "", "", false
	d.Offset, d.Phase, d.SampleSeed = 0, "", nil
}
