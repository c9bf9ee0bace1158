package run

import (
	"context"
	"time"

	"regain.example/agent/api"
)

// countdown shows the seconds that are left, and returns nil when they have
// passed. It ends early when ctx does, or by a key, with errBench as the cause.
func (a *Agent) countdown(ctx context.Context, w *work, o *api.EraseOrder) error {
	began := time.Now()
	a.report(api.Report{Kind: api.ReportPhaseBegan, Job: o.Job, Phase: api.PhaseCountdown})
	a.drain()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for left := o.CountdownSeconds; left > 0; left-- {
		a.display.countdown(left)
		a.link.Progress(api.Progress{Job: o.Job, CountdownSeconds: left})
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-a.Keys:
			w.cancel(errBench)
			return errBench
		case <-tick.C:
		}
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	a.report(api.Report{Kind: api.ReportPhaseEnded, Job: o.Job, Phase: api.PhaseCountdown,
		Millis: time.Since(began).Milliseconds()})
	return nil
}

// heed cancels w if a key was pressed when the countdown no longer looked: with
// its last tick, or after it, while the screen still offers to stop.
func (a *Agent) heed(w *work) {
	select {
	case <-a.Keys:
		w.cancel(errBench)
	default:
	}
}

// drain forgets keys that were pressed before there was anything to stop.
func (a *Agent) drain() {
	for {
		select {
		case <-a.Keys:
		default:
			return
		}
	}
}
