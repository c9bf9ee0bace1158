package metrics

import (
	"context"
	"fmt"
	"slices"
	"time"

	"regain.example/agent/api"
	"regain.example/imager"
)

// Follow counts what happens in jobs, until ctx ends: phases, verdicts and ends
// that were not there when it began. It reads the durable record after each
// change, so nothing is counted twice or missed because a notice was.
func (m *Metrics) Follow(ctx context.Context, op imager.Operator) error {
	changes := op.Watch(ctx)
	seen := map[int]counted{}
	if err := m.look(ctx, op, seen, false); err != nil {
		return err
	}
	for settle(ctx, changes) {
		if err := m.look(ctx, op, seen, true); err != nil {
			continue // the next look counts what this one could not read; a scrape shows the failure
		}
	}
	return nil
}

// followPause gathers changes: machines at work report progress each second, and
// Prometheus asks every few.
const followPause = 5 * time.Second

// settle returns after a change and the pause that gathers others; false at the
// end.
func settle(ctx context.Context, changes <-chan int) bool {
	select {
	case <-ctx.Done():
		return false
	case _, open := <-changes:
		if !open {
			return false
		}
	}
	pause := time.NewTimer(followPause)
	defer pause.Stop()
	for {
		select {
		case <-ctx.Done():
			return false
		case _, open := <-changes:
			if !open {
				return false
			}
		case <-pause.C:
			return true
		}
	}
}

// counted is what was counted of a machine's job.
type counted struct {
	job    string
	phases int // ended ones
	drives []api.DriveID
	ended  bool
}

func (m *Metrics) look(ctx context.Context, op imager.Operator, seen map[int]counted, count bool) error {
	views, err := op.Machines(ctx)
	if err != nil {
		return fmt.Errorf("count what happened: %w", err)
	}
	for _, v := range views {
		if v.Job == nil {
			continue
		}
		before := seen[v.Machine.Number]
		if before.job != v.Job.ID {
			before = counted{job: v.Job.ID}
		}
		seen[v.Machine.Number] = m.job(v.Job, before, count)
	}
	return nil
}

// job counts what is new in j and returns what is counted by then.
func (m *Metrics) job(j *imager.Job, c counted, count bool) counted {
	ended := 0
	for _, p := range j.Phases {
		if p.Ended.IsZero() {
			continue
		}
		if ended++; ended > c.phases && count {
			m.phase(p)
		}
	}
	c.phases = ended
	for _, d := range j.Drives {
		if d.Evidence == nil || slices.Contains(c.drives, d.ID) {
			continue
		}
		if c.drives = append(c.drives, d.ID); count {
			m.drive(d)
		}
	}
	if j.State.Ended() && !c.ended {
		if c.ended = true; count {
			m.jobs.WithLabelValues(string(j.State)).Inc()
		}
	}
	return c
}

func (m *Metrics) phase(p imager.Phase) {
	if !slices.Contains(phases(), p.Phase) || p.Millis < 0 {
		return
	}
	seconds := float64(p.Millis) / 1000
	m.phases.WithLabelValues(string(p.Phase)).Observe(seconds)
	if slices.Contains(withBytes(), p.Phase) {
		m.bytes.WithLabelValues(string(p.Phase)).Add(float64(p.Bytes))
		m.seconds.WithLabelValues(string(p.Phase)).Add(seconds)
	}
}

func (m *Metrics) drive(d *imager.JobDrive) {
	attempts := d.Evidence.Attempts
	last, first := none, none
	if len(attempts) > 0 {
		last = method(attempts[len(attempts)-1])
	}
	for _, a := range attempts {
		if a.NotRun == "" {
			first = method(a)
			break
		}
	}
	m.outcomes.WithLabelValues(last, d.Outcome.String()).Inc()
	m.drives.WithLabelValues(d.Outcome.String(), level(d.Level), first).Inc()
}

func method(a api.Attempt) string {
	if !slices.Contains(methods(), a.Method) {
		return other
	}
	return string(a.Method)
}
