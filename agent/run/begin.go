package run

import (
	"context"
	"fmt"
	"time"

	"regain.example/agent/api"
)

// Begin takes stock for the registration. It tries until it has an inventory: a
// machine that cannot be read is shown, not guessed at.
func (a *Agent) Begin(ctx context.Context) error {
	a.display.message("Taking stock", "Reading the machine and its drives.")
	for {
		_, err := a.take(ctx)
		if err == nil {
			return nil
		}
		a.display.trouble(fmt.Sprintf("This machine cannot be read: %v. Trying again.", err))
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(5 * time.Second):
		}
	}
}

// Recover reports the work that an earlier agent of this boot left unfinished
// when it crashed: its outcome is unknown.
func (a *Agent) Recover(left *Unfinished, crash string) {
	if crash != "" {
		a.report(api.Report{Kind: api.ReportTrouble, Message: "the agent crashed and was started again: " + crash})
	}
	if left == nil {
		return
	}
	const why = "agent crashed"
	for _, d := range left.Drives {
		if left.Install != nil {
			a.report(api.Report{Kind: api.ReportInstalled, Job: left.Job, Drive: d.ID(), Install: &api.InstallEvidence{
				Drive: d.ID(), Image: left.Install.Image, ManifestSHA256: left.Install.ManifestSHA256, Error: why,
			}})
			continue
		}
		a.stock.hold(d.ID())
		a.report(api.Report{Kind: api.ReportDrive, Job: left.Job, Drive: d.ID(),
			Erase: &api.DriveEvidence{Drive: d.ID(), Before: d, Stopped: why, State: "What it holds is not known."}})
	}
}
