package control

import (
	"fmt"

	"regain.example/agent/api"
	"regain.example/imager"
	"regain.example/imager/plan"
)

// approvedSet is the whole set of drives as it was approved: those to be erased
// and those that the profile leaves alone.
func approvedSet(j *imager.Job) []api.Drive {
	var set []api.Drive
	for _, d := range j.Drives {
		set = append(set, d.Drive)
	}
	for _, l := range j.Left {
		set = append(set, l.Drive)
	}
	return set
}

// compareDrives ends the machine's job if its drives are no longer those that
// were approved. An image that is installed already stays.
func (c *Controller) compareDrives(w *work, actor string, now []api.Drive) error {
	if w.j == nil || w.j.State.Ended() || w.j.State == imager.JobInstalled {
		return nil
	}
	difference := plan.Changed(approvedSet(w.j), now)
	if difference == "" {
		return nil
	}
	return w.drivesChanged(actor, difference)
}

func (w *work) drivesChanged(actor, difference string) error {
	difference = clean(difference)
	if w.j.State == imager.JobApproved || w.j.State == imager.JobErasing && !w.j.Destructive {
		return w.become(actor, imager.JobVoid, fmt.Sprintf("the approval is void, nothing was erased: %s", difference))
	}
	if w.j.State == imager.JobErasing || w.j.State == imager.JobAccepted || w.j.State == imager.JobInstalling || w.j.State == imager.JobInstallFailed {
		return w.become(actor, imager.JobQuarantined, fmt.Sprintf("the drives are no longer those that were approved: %s", difference))
	}
	return nil
}
