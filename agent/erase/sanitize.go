package erase

import (
	"context"
	"errors"
	"fmt"

	"regain.example/agent/api"
	"regain.example/agent/nvme"
)

// sanitize is NVMe Sanitize with one of its actions. The command only starts the
// operation; how it goes on stands in the Sanitize Status log (NVM Express Base
// Specification 2.0, sections 5.24 and 8.21).
type sanitize struct {
	name   api.Method
	action nvme.SanitizeAction
}

func (s sanitize) refuse(d api.Drive) error {
	switch {
	case d.NVMe == nil:
		return notRun("not an NVMe drive, or it does not answer Identify")
	case !nvme.CanSanitize(*d.NVMe, s.action):
		return notRun("the drive does not advertise Sanitize with action %d (SANICAP %#x)", s.action, d.NVMe.SANICAP)
	}
	return nil
}

// whole: a sanitize operation always reaches all namespaces.
func (s sanitize) whole(api.Drive) bool { return true }

// ready looks at the log before anything is written. An operation that an
// earlier boot of this job started is carried on; any other that is under way is
// waited for. A failed one is left, so that the drive takes writes again.
func (s sanitize) ready(ctx context.Context, t *Target, p *prepared, seen *api.Attempt) (err error) {
	if p.log, err = nvme.ReadSanitizeLog(p.admin); err != nil {
		return notRun("the drive does not tell its sanitize status: %v", err)
	}
	resume := t.resume(s.name)
	if p.log.State() == nvme.SanitizeInProgress {
		if resume != nil && s.started(p.log) {
			p.carried = true
			return nil
		}
		t.state = "It is sanitizing itself, which this job did not start, and takes no other work until that has ended."
		w := &poll{t: t, admin: p.admin, seen: &api.Sanitize{}}
		if err := w.untilEnd(ctx); err != nil && !failedState(w.seen) {
			return fmt.Errorf("wait for the end of a sanitize operation that this job did not start: %w", err)
		}
		t.state = stateUntouched
		if p.log, err = nvme.ReadSanitizeLog(p.admin); err != nil {
			return notRun("the drive does not tell its sanitize status: %v", err)
		}
	}
	if p.log.State() != nvme.SanitizeFailed {
		return nil
	}
	left := t.leaveFailure(p.admin, seen)
	if resume == nil {
		return nil // someone else's; a new operation may end better
	}
	seen.Sanitize = &api.Sanitize{Read: true, Status: p.log.Status, LogArguments: p.log.Arguments, Recovered: left == nil}
	t.state = stateFailed
	return fmt.Errorf("sanitize %s: the operation that the job began before the power cut has failed", t.Drive.Node)
}

const stateFailed = "Its sanitize operation failed; what it holds is not known."

// started reports whether the log's operation has this action.
func (s sanitize) started(l nvme.SanitizeLog) bool {
	const action = 7 // SCDW10 bits 2:0
	return nvme.SanitizeAction(l.Arguments&action) == s.action
}

func failedState(seen *api.Sanitize) bool {
	return seen.Read && nvme.SanitizeLog{Status: seen.Status}.State() == nvme.SanitizeFailed
}

// leaveFailure sends Exit Failure Mode.
func (t *Target) leaveFailure(admin nvme.Transport, seen *api.Attempt) error {
	return t.send(admin, "Sanitize (Exit Failure Mode)", nvme.Sanitize(nvme.ExitFailureMode, false), seen)
}

// erase starts the operation, unless it is carried on, and waits for its end.
func (s sanitize) erase(ctx context.Context, t *Target, p *prepared, seen *api.Attempt) error {
	seen.Sanitize = &api.Sanitize{}
	if p.carried {
		seen.Sanitize.SeenRunning = 1 // by ready
	} else if err := s.start(t, p, seen); err != nil {
		return err
	}
	if err := p.reach.journal(ctx, p.watch.entry(s.name, api.StageAccepted)); err != nil {
		return err
	}
	p.reach.begin()
	w := &poll{t: t, admin: p.admin, seen: seen.Sanitize, action: s, reach: p.reach}
	err := w.untilEnd(ctx)
	if failedState(seen.Sanitize) {
		seen.Sanitize.Recovered = t.leaveFailure(p.admin, seen) == nil
		p.reach.say(stateFailed)
	}
	if err != nil {
		return fmt.Errorf("sanitize %s: %w", t.Drive.Node, err)
	}
	return nil
}

// start asks for a purge by IEEE Std 2883 where the drive knows that, and without
// it only after a refusal.
func (s sanitize) start(t *Target, p *prepared, seen *api.Attempt) error {
	if nvme.CanRequirePurge(p.about) {
		err := s.tell(t, p, true, seen)
		var refusal *NotRunError
		if !errors.As(err, &refusal) {
			return err
		}
	}
	return s.tell(t, p, false, seen)
}

// tell sends the command. Whatever the answer, the log has the last word on
// whether the drive has begun: one that refuses and runs has been seen.
func (s sanitize) tell(t *Target, p *prepared, purge bool, seen *api.Attempt) error {
	command := nvme.Sanitize(s.action, purge)
	seen.Sanitize.Arguments, seen.Sanitize.PurgeRequired = command.CDW10, purge
	p.reach.say("It was told to sanitize itself; whether it began is not known.")
	err := t.send(p.admin, "Sanitize", command, seen)
	if err == nil {
		seen.Sanitize.Accepted = true
		return nil
	}
	now, logErr := nvme.ReadSanitizeLog(p.admin)
	switch {
	case logErr == nil && now.State() == nvme.SanitizeInProgress && now.Arguments == command.CDW10:
		seen.Sanitize.SeenRunning = 1
		return nil
	case logErr == nil && now == p.log && nvme.RefusedBeforeStart(err):
		p.reach.say(stateMarked)
		return refused("Sanitize", t.Drive, err)
	}
	return fmt.Errorf("sanitize %s: %w", t.Drive.Node, err)
}
