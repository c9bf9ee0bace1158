package control

import (
	"regain.example/agent/api"
	"regain.example/imager"
)

// closedText says what to do after too many wrong codes.
const closedText = "five wrong codes were typed: restart the machine, and type the new code that its screen shows then"

// codeWaiting is what an unproven machine waits for, for the page.
func codeWaiting(w *work) string {
	switch {
	case w.s.Enrol.State() == imager.EnrolClosed:
		return "a restart: " + closedText
	case w.j == nil || w.j.State.Ended() && !installed(w):
		return "approval with the code on its screen (it was started from a stick)"
	case installed(w):
		return "a start from its own drive: it was started from a stick again, pull that out"
	}
	return "the code on its screen: it was started from a stick amid its job"
}

func installed(w *work) bool {
	return w.j != nil && !w.m.Released && (w.j.State == imager.JobDone || w.j.State == imager.JobInstalled)
}

// codeNeeded is why an approval is refused.
func codeNeeded(w *work) string {
	if w.s.Enrol.State() == imager.EnrolClosed {
		return closedText
	}
	return "type the code on its screen as well"
}

// codeMessage is the same for the machine's screen.
func codeMessage(w *work) string {
	switch {
	case w.s.Enrol.State() == imager.EnrolClosed:
		return "Five wrong codes were typed for this machine. Restart it, and type the new code that it shows then."
	case installed(w):
		return "This machine is installed already. Pull out the stick and restart it."
	}
	return "Find this machine on the progress page and type the code there."
}

// pullOut has the stick taken out before the machine restarts: many firmwares would
// start it again.
func pullOut(o *api.Order) {
	if o.End != nil && o.End.Action == api.EndRestart {
		end := *o.End
		end.Advice = sentences(end.Advice, "Pull out the stick now.")
		o.End = &end
	}
}
