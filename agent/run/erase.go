package run

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"

	"regain.example/agent/api"
	"regain.example/agent/console"
	"regain.example/agent/erase"
)

// erase carries out what is left of an order to erase: nothing happens unless the
// drives are exactly those that were approved, and nobody objects during the
// countdown. An order that only asks for samples of accepted drives needs none.
func (a *Agent) erase(ctx context.Context, w *work, o api.Order) error {
	order := a.did.remainder(o.Erase)
	if len(order.Drives) == 0 && len(o.Erase.Drives) > 0 {
		return nil // sent before the controller had the evidence
	}
	if err := a.link.Flush(ctx); err != nil { // what is told may change the order
		return a.halted(ctx, w, order.Job, "before the erasure")
	}
	drives, err := a.approved(ctx, o.Erase)
	if err == nil && destructive(order) {
		if err := a.countdown(ctx, w, order); err != nil {
			return a.halted(ctx, w, order.Job, "during the countdown, nothing was erased")
		}
		// A drive that was swapped during the countdown voids the approval as well.
		drives, err = a.approved(ctx, o.Erase)
		a.heed(w)
	}
	if err != nil {
		a.refuse(order.Job, err)
		return nil
	}
	if w.begin(ctx) != nil {
		return a.halted(ctx, w, order.Job, "before the first command, nothing was erased")
	}
	var todo []erase.Work
	for _, d := range order.Drives {
		todo = append(todo, erase.Work{Order: d, Drive: drives[d.Drive]})
	}
	left := &remaining{journal: a.Journal, work: Unfinished{Job: order.Job, Drives: unaccepted(todo)}}
	if destructive(order) {
		if err := left.write(); err != nil {
			a.refuse(order.Job, fmt.Errorf("nothing was erased: %w", err))
			return nil
		}
	}
	a.eraseAll(ctx, order.Job, todo, left)
	if ctx.Err() != nil {
		return a.halted(ctx, w, order.Job, "during the erasure: see the evidence of each drive")
	}
	return a.settle(ctx)
}

// destructive reports whether an order erases anything.
func destructive(o *api.EraseOrder) bool {
	return slices.ContainsFunc(o.Drives, func(d api.DriveOrder) bool { return !d.Accepted })
}

// eraseAll works on all drives at once and reports the evidence of each as soon
// as it is there.
func (a *Agent) eraseAll(ctx context.Context, job string, todo []erase.Work, left *remaining) {
	t := a.track(job, todo)
	defer t.close()
	erasure := a.Steps.Erasure(todo, a.ledger(job), t)
	var wg sync.WaitGroup
	for i, do := range todo {
		id := do.Order.Drive
		if !do.Order.Accepted {
			a.stock.hold(id)
		}
		wg.Go(func() {
			got := a.eraseOne(ctx, erasure, i, do)
			if !do.Order.Accepted {
				a.stock.erased(id, got.ZeroRead)
			}
			t.finished(id, troubled(got.Evidence))
			a.report(api.Report{Kind: api.ReportDrive, Job: job, Drive: id, Erase: &got.Evidence})
			a.did.add(job, do.Order)
			if err := a.link.Flush(ctx); err != nil || do.Order.Accepted {
				return // until the controller has it, a crash would lose it
			}
			if err := left.done(id); err != nil {
				a.report(api.Report{Kind: api.ReportTrouble, Job: job, Drive: id, Message: err.Error()})
			}
		})
	}
	wg.Wait()
}

// eraseOne turns a panic of the step into evidence of an unknown outcome.
func (a *Agent) eraseOne(ctx context.Context, e Erasure, i int, w erase.Work) (got erase.Result) {
	defer func() {
		if p := recover(); p != nil {
			a.Log.Error("erasure crashed", "drive", w.Drive.Node, "err", p, "stack", string(debug.Stack()))
			got = erase.Result{Evidence: api.DriveEvidence{
				Drive: w.Order.Drive, Before: w.Drive, Stopped: fmt.Sprintf("agent crashed: %v", p)}}
		}
	}()
	return e.Drive(ctx, i)
}

// halted reports that work ended early and why, and shows it. A link that is
// gone for good is no reason to wait.
func (a *Agent) halted(ctx context.Context, w *work, job, where string) error {
	w.told = true
	cause := context.Cause(ctx)
	by := "page"
	if errors.Is(cause, errBench) {
		by = "bench"
	}
	a.report(api.Report{Kind: api.ReportStopped, Job: job, Message: fmt.Sprintf("%s: %v %s", by, cause, where)})
	a.display.stopped(fmt.Sprintf("Stopped %s.", where))
	return nil
}

// refuse reports why an order was not carried out.
func (a *Agent) refuse(job string, err error) {
	var changed *drivesChanged
	r := api.Report{Kind: api.ReportTrouble, Job: job, Message: err.Error()}
	if errors.As(err, &changed) {
		r.Kind, r.Drives = api.ReportDrivesChanged, changed.now
	}
	a.report(r)
	a.display.trouble(console.Sentence(err))
}

// settle waits until the evidence is on the controller's disk; only then is the
// work forgotten here.
func (a *Agent) settle(ctx context.Context) error {
	a.display.message("Sending the results to the controller", "")
	if err := a.link.Flush(ctx); err != nil {
		return nil // the journal still has it, if the agent crashes now
	}
	if err := a.Journal.End(); err != nil {
		a.report(api.Report{Kind: api.ReportTrouble, Message: err.Error()})
	}
	return nil
}

// troubled reports whether a person will have to look at the evidence. It is for
// the colour of a bar only: the controller alone judges.
func troubled(e api.DriveEvidence) bool {
	switch {
	case e.Stopped != "" || e.AfterError != "":
		return true
	case e.Kept:
		return e.Recheck != nil && e.Recheck.Other+e.Recheck.ReadErrors > 0
	case len(e.Attempts) == 0:
		return true
	}
	return e.Attempts[len(e.Attempts)-1].Error != ""
}
