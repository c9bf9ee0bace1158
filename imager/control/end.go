package control

import (
	"fmt"
	"strings"

	"regain.example/agent/api"
	"regain.example/imager"
	"regain.example/images/manifest"
)

// endDelay is how long a verdict is shown before the machine restarts or powers
// off, in seconds.
const endDelay = 15

// endOf is the verdict to show on the machine's screen, or nil for none. mine is
// whether the present session did the work: after a new start the machine is a
// stranger again, except that a red machine stays red.
func endOf(m imager.Machine, j *imager.Job, mine bool) *api.End {
	if m.Released {
		return nil
	}
	switch j.State {
	case imager.JobQuarantined:
		return quarantineEnd(j)
	case imager.JobInstallFailed:
		return &api.End{Verdict: "NOT INSTALLED", Action: api.EndStay,
			Advice: "The drives are erased, the image is not installed: " + j.Reason + ". An operator can try again."}
	case imager.JobInstalled:
		return installedEnd(j, mine)
	case imager.JobDone:
		if mine {
			return doneEnd(j)
		}
	}
	return nil
}

// maxOnScreen is how many drives a bench's screen has room for.
const maxOnScreen = 4

// quarantineEnd names each drive that has no accepted evidence, and what to do
// with it, a line each.
func quarantineEnd(j *imager.Job) *api.End {
	end := &api.End{Verdict: "NOT ERASED", Action: api.EndStay}
	var said []string
	for _, d := range j.Drives {
		name := clean(whereIs(d.Drive))
		switch {
		case d.Destroy:
			end.Verdict = "DESTROY A DRIVE"
			said = append(said, sentences("DESTROY "+name+": "+d.Reason, d.Advice))
		case d.Evidence != nil && d.Outcome != imager.OutcomeErased:
			said = append(said, sentences(fmt.Sprintf("%s is %s: %s", name, d.Outcome, d.Reason), d.Advice))
		}
	}
	if len(said) == 0 { // it is not about one drive
		said = []string{sentences(j.Reason)}
	}
	if more := len(said) - maxOnScreen; more > 0 {
		said = append(said[:maxOnScreen], fmt.Sprintf("%d more drives: see the page.", more))
	}
	end.Advice = strings.Join(append([]string{"Set this machine aside (quarantine)."}, said...), "\n")
	return end
}

// sentences joins texts, each with a full stop.
func sentences(all ...string) string {
	var text strings.Builder
	for _, s := range all {
		if s == "" {
			continue
		}
		if text.Len() > 0 {
			text.WriteString(" ")
		}
		text.WriteString(s)
		if !strings.HasSuffix(s, ".") {
			text.WriteString(".")
		}
	}
	return text.String()
}

func installedEnd(j *imager.Job, mine bool) *api.End {
	if !mine {
		return &api.End{Verdict: "INSTALLED, NOT STARTED", Action: api.EndStay,
			Advice: "This machine started from the network instead of its own drive. Put its drive first in the firmware's boot order and restart it."}
	}
	advice := "It restarts from its own drive now. It is ready when its first start shows on the page."
	if j.Image != nil && j.Image.Confirm == manifest.ConfirmOperator {
		advice = "It restarts from its own drive now. Look whether it starts, then confirm it on the page."
	}
	return &api.End{Green: true, Verdict: "INSTALLED", Advice: advice, Action: api.EndRestart, DelaySeconds: endDelay}
}

func doneEnd(j *imager.Job) *api.End {
	if j.Image != nil {
		return &api.End{Green: true, Verdict: "READY", Advice: "Label the machine and unplug it.", Action: api.EndStay}
	}
	end := &api.End{Green: true, Verdict: "ERASED", Action: j.Profile.AtEnd,
		Advice: fmt.Sprintf("All drives (%d) are erased and verified. Label the machine and unplug it.", len(j.Drives))}
	switch end.Action {
	case api.EndRestart, api.EndPowerOff:
		end.DelaySeconds = endDelay
	default:
		end.Action = api.EndStay
	}
	return end
}

// awaitsApproval is what a machine's screen says for as long as nobody approves it.
const awaitsApproval = "Waiting for approval: an operator approves this machine on the page. Nothing is erased before that."

// waitingAfter is what a machine waits for whose job is at an end, with what came
// of that.
func waitingAfter(j *imager.Job) string {
	ended := j.Ended.UTC().Format("2006-01-02 15:04 UTC")
	switch j.State {
	case imager.JobDone:
		return awaitsApproval + " Its last job was done on " + ended + "."
	case imager.JobVoid, imager.JobCancelled, imager.JobQuarantined:
		return fmt.Sprintf("%s Its last job ended on %s as %s: %s", awaitsApproval, ended, j.State, sentences(j.Reason))
	}
	return awaitsApproval
}
