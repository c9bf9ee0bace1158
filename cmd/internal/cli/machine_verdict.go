package cli

import (
	"fmt"
	"io"

	"regain.example/imager"
	"regain.example/imager/explain"
)

// showVerdict prints how a drive of a job was erased or is, and what is said of
// it: the same as the machine's page.
func showVerdict(w io.Writer, v imager.View, d imager.JobDrive) {
	if d.Outcome != imager.OutcomeUnknown || d.Evidence != nil || d.Destroy || v.Job.State.Ended() {
		tell(w, "outcome", outcome(d.Outcome, d.Level, d.Destroy))
	}
	if d.Destroy {
		tell(w, "where", explain.Place(d.Drive))
	}
	tell(w, "why", explain.Plain(d.Reason))
	tell(w, "to do", explain.Plain(d.Advice))
	if d.Evidence != nil {
		tell(w, "holds now", d.Evidence.State)
	}
	tell(w, "method", explain.How(d))
	tell(w, "proof", explain.Plain(d.Proof))
	tell(w, "ieee 2883", d.IEEE)
	if d.Recheck != nil {
		tell(w, "sampled again", explain.Recheck(*d.Recheck))
	}
	if d.Journal != nil {
		tell(w, "last step", explain.Step(d.Journal.JournalEntry)+", "+d.Journal.At.UTC().Format("15:04")+" UTC")
	}
	showDoing(w, v, d)
	showHealth(w, d)
	tell(w, "evidence", d.EvidenceFile)
	if d.Recheck != nil {
		tell(w, "evidence of the sampling", d.Recheck.EvidenceFile)
	}
}

func showDoing(w io.Writer, v imager.View, d imager.JobDrive) {
	if v.Progress == nil || v.Job.State.Ended() {
		return
	}
	for _, p := range v.Progress.Drives {
		if p.Drive != d.ID {
			continue
		}
		now := explain.Doing(p, d)
		if p.Total > 0 {
			now += fmt.Sprintf(", %d %%", min(p.Done, p.Total)*100/p.Total)
		}
		tell(w, "now", now)
	}
}

func showHealth(w io.Writer, d imager.JobDrive) {
	if d.Evidence == nil {
		return
	}
	for _, r := range explain.Health(d.Evidence.HealthBefore, d.Evidence.HealthAfter) {
		text := fmt.Sprintf("%s: %s before, %s after", r.Name, r.Before, r.After)
		if r.Worse != "" {
			text += " (" + r.Worse + ")"
		}
		tell(w, "health", text)
	}
}

// tell prints one line of a drive's account, unless there is nothing to say.
func tell(w io.Writer, name, text string) {
	if text != "" {
		fmt.Fprintf(w, "    %-9s  %s\n", name, clean(text))
	}
}

func outcome(o imager.Outcome, l imager.Level, destroy bool) string {
	s := o.String()
	if l != "" {
		s += ", " + explain.Level(l)
	}
	if destroy {
		s += ", DESTROY THIS DRIVE"
	}
	return s
}
