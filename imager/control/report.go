package control

import (
	"context"
	"fmt"
	"slices"

	"regain.example/agent/api"
	"regain.example/imager"
)

// Bounds of what one session may report, so that a hostile machine cannot fill
// the disk.
const (
	maxReports = 4096    // in one session, offsets of journals aside
	maxOffsets = 1 << 17 // in one session: a day and a half of each minute on 50 drives
	maxPhases  = 1024    // of one job
)

// Report applies the reports that follow what is durable, in order and once, in
// one transaction, and returns the highest durable sequence number. Reports that
// were applied before are passed over. Errors wrap imager.ErrBehind (reports are
// missing before these), ErrSession, ErrStopped, ErrInvalid, ErrBusy or
// ErrStorage; then none was applied.
func (c *Controller) Report(ctx context.Context, session string, reports []api.Report) (durable uint64, err error) {
	s, err := c.live(ctx, session)
	if err != nil {
		return 0, err
	}
	err = c.change(ctx, s.Machine, func(w *work) error {
		if err := w.speaks(session); err != nil {
			return err
		}
		fresh, err := unseen(reports, *w.s)
		if err != nil {
			return err
		}
		if len(fresh) > 0 && w.now.Before(w.s.Quiet) {
			return fmt.Errorf("%w: another session of this machine was heard a moment ago; its reports are taken when that one is silent", imager.ErrBusy)
		}
		for _, r := range fresh {
			if err := c.apply(ctx, w, r); err != nil {
				return fmt.Errorf("report %d: %w", r.Seq, err)
			}
			w.s.Durable, w.dirty = r.Seq, true
		}
		durable = w.s.Durable
		return nil
	})
	if err != nil {
		return 0, err
	}
	return durable, nil
}

// unseen returns the reports after what is durable; they must follow it without a gap.
func unseen(reports []api.Report, s imager.Session) ([]api.Report, error) {
	durable := s.Durable
	for i, r := range reports {
		if r.Seq == 0 || i > 0 && r.Seq != reports[i-1].Seq+1 {
			return nil, fmt.Errorf("%w: reports are not numbered one after the other", imager.ErrInvalid)
		}
	}
	first := slices.IndexFunc(reports, func(r api.Report) bool { return r.Seq > durable })
	switch {
	case first < 0:
		return nil, nil
	case reports[first].Seq != durable+1:
		return nil, fmt.Errorf("%w: up to %d is here, and %d came: register again", imager.ErrBehind, durable, reports[first].Seq)
	case reports[len(reports)-1].Seq > maxReports+s.Offsets || s.Offsets > maxOffsets:
		return nil, fmt.Errorf("%w: more than %d reports in one boot: restart the machine", imager.ErrBusy, maxReports)
	}
	return reports[first:], nil
}

// apply takes one report into the records. What does not belong to the job under
// way is noted and changes nothing.
func (c *Controller) apply(ctx context.Context, w *work, r api.Report) error {
	switch r.Kind {
	case api.ReportLeaving:
		w.s.Left = true
		w.say(actorBench, "the machine leaves: %s", clean(r.Message))
		return nil
	case api.ReportTrouble:
		w.say(actorBench, "trouble: %s", clean(r.Message))
		return nil
	}
	if r.Kind == api.ReportStopped && r.Job == "" && w.j != nil && w.j.Stopping != "" {
		r.Job = w.j.ID // nothing was under way when the order to stop came
	}
	if w.j == nil || r.Job != w.j.ID || w.j.Session != w.s.ID {
		w.say(actorBench, "%s for a job that was not ordered of this session; it changes nothing", clean(string(r.Kind)))
		return nil
	}
	switch r.Kind {
	case api.ReportPhaseBegan:
		return w.phaseBegan(r)
	case api.ReportPhaseEnded:
		return w.phaseEnded(r)
	case api.ReportDrive:
		return c.driveEvidence(ctx, w, r.Erase)
	case api.ReportJournal:
		return w.journal(r)
	case api.ReportInstalled:
		return w.installEvidence(r.Install)
	case api.ReportDrivesChanged:
		return w.reportedDrives(r)
	case api.ReportStopped:
		return w.stoppedWork(r)
	}
	w.say(actorBench, "a report of unknown kind %q; it changes nothing", clean(string(r.Kind)))
	return nil
}

// drive finds a drive of the job; nil if id is none of it.
func (w *work) drive(id api.DriveID) *imager.JobDrive {
	for _, d := range w.j.Drives {
		if d.ID == id {
			return d
		}
	}
	return nil
}
