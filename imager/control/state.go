package control

import (
	"fmt"

	"regain.example/agent/api"
	"regain.example/imager"
	"regain.example/imager/plan"
)

// cancel ends a job that was begun, and says what its drives hold now.
func (w *work) cancel(actor, why string) error {
	w.j.Cause = why
	return w.become(actor, imager.JobCancelled, withStates(w.j))
}

// withStates is the cause of a job's end with what each of its drives holds.
func withStates(j *imager.Job) string {
	reason := j.Cause
	for _, d := range j.Drives {
		reason += fmt.Sprintf("; drive %s: %s", clean(whereIs(d.Drive)), driveState(j, d))
	}
	return reason
}

// driveState says in words what a drive holds, as far as it was told.
func driveState(j *imager.Job, d *imager.JobDrive) string {
	switch {
	case d.Outcome == imager.OutcomeErased && d.ID == j.System && j.Installs > 0:
		return "erased, and an image was being written to it"
	case d.Outcome == imager.OutcomeErased:
		return "erased"
	case d.Evidence != nil && d.Evidence.State != "":
		return clean(d.Evidence.State)
	case d.Evidence != nil:
		return d.Outcome.String()
	case d.Journal != nil:
		return journalState(d)
	case d.Phase == api.PhaseErase || d.Phase == api.PhaseVerify:
		return "the erasure had begun, it may still hold content"
	}
	return "not erased, nothing was told of it"
}

// journalState is what the last step of the work means for the drive's content.
func journalState(d *imager.JobDrive) string {
	e := d.Journal
	switch e.Stage {
	case api.StageOffset:
		return fmt.Sprintf("overwritten up to %s of %s, the rest still holds its content", plan.Size(e.Offset), plan.Size(d.Drive.SizeBytes))
	case api.StageCompleted:
		return fmt.Sprintf("%s was complete by the drive's word, and was not verified", e.Method)
	case api.StageAccepted:
		return fmt.Sprintf("the drive had accepted %s and may go on by itself", e.Method)
	}
	return fmt.Sprintf("%s had begun, it may still hold content", e.Method)
}

// whereIs names a drive and where a person finds it.
func whereIs(d api.Drive) string {
	if d.Bay == "" {
		return plan.Name(d)
	}
	return fmt.Sprintf("%s (%s)", d.Bay, plan.Name(d))
}
