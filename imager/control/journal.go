package control

import (
	"fmt"
	"slices"

	"regain.example/agent/api"
	"regain.example/imager"
	"regain.example/imager/plan"
)

// maxPattern bounds the name of a pattern, in bytes: it goes into orders again.
const maxPattern = 64

// journal takes one step of the work on a drive. What does not fit is noted and
// changes nothing, save that the drive counts as touched: whoever tells of a step
// may have made it.
func (w *work) journal(r api.Report) error {
	w.j.Destructive, w.dirty = true, true
	d := w.drive(r.Drive)
	if why := misfit(w.j, d, r.Journal); why != "" {
		w.say(actorBench, "a step in the work on drive %q that does not fit (%s); it changes nothing", clean(string(r.Drive)), why)
		return nil
	}
	e := *r.Journal
	switch e.Stage {
	case api.StageBegun:
		d.SampleSeed = nil // what it named is written again
	case api.StageCompleted:
		if d.SampleSeed == nil {
			d.SampleSeed = draw(seedBytes)
		}
	}
	d.Journal = &imager.DriveJournal{At: w.now, JournalEntry: e}
	w.gained(d, string(e.Method)+" "+string(e.Stage), e.Offset+1)
	if e.Stage == api.StageOffset {
		d.Offset = e.Offset
		w.s.Offsets++
		return nil
	}
	w.say(actorBench, "%s%s: %s", e.Method, ofDrive(d), stageWords[e.Stage])
	return nil
}

var stageWords = map[api.Stage]string{
	api.StageBegun:     "the next command destroys",
	api.StageAccepted:  "accepted, the drive works by itself",
	api.StageOffset:    "written up to here",
	api.StageCompleted: "complete by the drive's word; the places of the samples are told now",
}

// stageRank orders the stages of one attempt; a stage may be left out.
var stageRank = map[api.Stage]int{api.StageBegun: 0, api.StageAccepted: 1, api.StageOffset: 2, api.StageCompleted: 3}

// misfit says why a step cannot be one of the drive's planned work; "" if it can.
func misfit(j *imager.Job, d *imager.JobDrive, e *api.JournalEntry) string {
	switch {
	case e == nil:
		return "no step is told"
	case d == nil:
		return "it is no drive of this job"
	case j.State != imager.JobErasing:
		return fmt.Sprintf("the job is %s", j.State)
	case d.Evidence != nil:
		return "its evidence has come already"
	case !slices.Contains(d.Methods, e.Method) && (d.Follow == "" || e.Method != d.Follow):
		return fmt.Sprintf("%q is not planned", clean(string(e.Method)))
	case e.Offset > d.Drive.SizeBytes:
		return fmt.Sprintf("offset %d is beyond the drive's end", e.Offset)
	case len(e.Pattern) > maxPattern || clean(e.Pattern) != e.Pattern:
		return "the pattern's name is none"
	}
	rank, known := stageRank[e.Stage]
	if !known {
		return fmt.Sprintf("stage %q is not known", clean(string(e.Stage)))
	}
	return backwards(d, e, rank)
}

// backwards says why a step cannot follow the one before.
func backwards(d *imager.JobDrive, e *api.JournalEntry, rank int) string {
	last := d.Journal
	switch {
	case last == nil:
		return ""
	case last.Method != e.Method && place(d, e.Method) < place(d, last.Method):
		return fmt.Sprintf("%s comes before %s, which began", e.Method, last.Method)
	case last.Method != e.Method || e.Stage == api.StageBegun:
		return ""
	case rank < stageRank[last.Stage]:
		return fmt.Sprintf("%s after %s", e.Stage, last.Stage)
	case e.Stage == api.StageOffset && e.Offset < last.Offset:
		return fmt.Sprintf("offset %d after %d", e.Offset, last.Offset)
	}
	return ""
}

// place is where a method stands in the plan; what follows stands last.
func place(d *imager.JobDrive, m api.Method) int {
	if m == d.Follow && slices.ContainsFunc(d.Methods, plan.Crypto) {
		return len(d.Methods)
	}
	return slices.Index(d.Methods, m)
}
