package run

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"

	"regain.example/agent/api"
	"regain.example/agent/console"
	"regain.example/agent/erase"
)

// install carries out an order to install.
func (a *Agent) install(ctx context.Context, w *work, o api.Order) error {
	order := o.Install
	inv, err := a.take(ctx)
	if err != nil {
		a.uninstalled(order, err)
		return nil
	}
	i := slices.IndexFunc(inv.Drives, func(d api.Drive) bool { return d.Excluded == "" && d.ID() == order.Drive })
	if i < 0 {
		a.uninstalled(order, fmt.Errorf("the system drive %s is not there: connect it and start the machine again", order.Drive))
		return nil
	}
	if err := w.begin(ctx); err != nil {
		return a.halted(ctx, w, order.Job, "before the installation")
	}
	d := inv.Drives[i]
	target := &InstallTarget{Image: order.Image, ManifestSHA256: order.ManifestSHA256}
	if err := a.Journal.Begin(Unfinished{Job: order.Job, Drives: []api.Drive{d}, Install: target}); err != nil {
		a.uninstalled(order, err)
		return nil
	}
	zero := a.stock.isZero(order.Drive)
	a.stock.hold(order.Drive)
	t := a.track(order.Job, []erase.Work{{Drive: d}})
	evidence := a.installOn(ctx, d, *order, zero, t)
	t.finished(order.Drive, evidence.Error != "")
	t.close()
	a.report(api.Report{Kind: api.ReportInstalled, Job: order.Job, Drive: order.Drive, Install: &evidence})
	if ctx.Err() != nil {
		return a.halted(ctx, w, order.Job, "during the installation")
	}
	if evidence.Error != "" {
		a.display.trouble(console.Sentence(errors.New(evidence.Error)))
	}
	return a.settle(ctx)
}

// installOn turns a panic of the step into evidence of a failed installation.
func (a *Agent) installOn(ctx context.Context, d api.Drive, o api.InstallOrder, zero bool, t *tracker) (ev api.InstallEvidence) {
	defer func() {
		if p := recover(); p != nil {
			a.Log.Error("installation crashed", "drive", d.Node, "err", p, "stack", string(debug.Stack()))
			ev = failed(o, fmt.Errorf("agent crashed: %v", p))
		}
	}()
	return a.Steps.Install(ctx, d, o, zero, t)
}

// uninstalled reports an installation that did not begin.
func (a *Agent) uninstalled(o *api.InstallOrder, err error) {
	evidence := failed(*o, err)
	a.report(api.Report{Kind: api.ReportInstalled, Job: o.Job, Drive: o.Drive, Install: &evidence})
	a.display.trouble(console.Sentence(err))
}

func failed(o api.InstallOrder, err error) api.InstallEvidence {
	return api.InstallEvidence{Drive: o.Drive, Image: o.Image, ManifestSHA256: o.ManifestSHA256, Error: err.Error()}
}
