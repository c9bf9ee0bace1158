package control

import (
	"fmt"
	"time"

	"regain.example/agent/api"
	"regain.example/imager"
	"regain.example/imager/plan"
)

// agentPhases are the phases that an agent may report.
func agentPhase(p api.Phase) bool {
	switch p {
	case api.PhaseCountdown, api.PhaseErase, api.PhaseVerify, api.PhaseInstall, api.PhaseCheck, api.PhasePersonalise, api.PhaseBootEntry:
		return true
	}
	return false
}

// phase checks a report of a phase; ok is false if it was noted as nonsense.
func (w *work) phase(r api.Report) (d *imager.JobDrive, ok bool) {
	d = w.drive(r.Drive)
	if !agentPhase(r.Phase) || r.Drive != "" && d == nil && r.Drive != w.j.System || len(w.j.Phases) >= maxPhases {
		w.say(actorBench, "a phase %q of drive %q that is not one of this job; it changes nothing", clean(string(r.Phase)), clean(string(r.Drive)))
		return nil, false
	}
	return d, true
}

func (w *work) phaseBegan(r api.Report) error {
	d, ok := w.phase(r)
	if !ok {
		return nil
	}
	if r.Phase == api.PhaseErase {
		w.j.Destructive = true
	}
	if d != nil {
		d.Phase = r.Phase
	}
	w.j.Phases = append(w.j.Phases, imager.Phase{Phase: r.Phase, Drive: r.Drive, Began: w.now})
	w.say(actorBench, "%s began%s", r.Phase, ofDrive(d))
	return nil
}

func (w *work) phaseEnded(r api.Report) error {
	d, ok := w.phase(r)
	if !ok {
		return nil
	}
	for i := len(w.j.Phases) - 1; i >= 0; i-- {
		p := &w.j.Phases[i]
		if p.Phase != r.Phase || p.Drive != r.Drive || !p.Ended.IsZero() {
			continue
		}
		p.Ended, p.Millis, p.Bytes = w.now, r.Millis, r.Bytes
		w.gained(d, "ended "+string(r.Phase), 1)
		w.say(actorBench, "%s ended%s after %s, %s", r.Phase, ofDrive(d), time.Duration(r.Millis)*time.Millisecond, plan.Size(r.Bytes))
		return nil
	}
	w.say(actorBench, "%s ended%s without having begun; it changes nothing", r.Phase, ofDrive(d))
	return nil
}

func ofDrive(d *imager.JobDrive) string {
	if d == nil {
		return ""
	}
	return fmt.Sprintf(" on %s", clean(plan.Name(d.Drive)))
}
