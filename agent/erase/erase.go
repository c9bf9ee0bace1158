// Package erase erases one drive and gathers the evidence. It never says whether
// the drive is erased: the controller does, from the evidence.
package erase

import (
	"context"
	"errors"
	"fmt"
	"time"

	"regain.example/agent/api"
	"regain.example/agent/drive"
	"regain.example/agent/nvme"
	"regain.example/agent/proof"
	"regain.example/agent/step"
)

// Drives opens and identifies drives; *drive.Host is one.
type Drives interface {
	Open(d api.Drive) (drive.Device, error)
	Identify(d api.Drive) (api.Drive, error)
	Admin(d api.Drive) (nvme.Transport, error)
}

// Eraser erases drives. Several drives may be erased at once.
type Eraser struct {
	drives    Drives
	report    step.Reporter
	elapsed   func() time.Duration
	generator proof.Generator
}

// New returns an Eraser. elapsed tells the time since the agent started and
// never goes back.
func New(drives Drives, report step.Reporter, elapsed func() time.Duration) *Eraser {
	return &Eraser{drives: drives, report: report, elapsed: elapsed, generator: proof.Fastest()}
}

// Result is what came of one drive.
type Result struct {
	Evidence api.DriveEvidence
	// ZeroRead is set when the last thing done to the drive was to read it
	// from end to end, and every byte was zero.
	ZeroRead bool
}

// Drive erases d as ordered and verifies it. Methods are tried in order; the
// next one only after a method that is known not to have run. When ctx ends,
// the work stops as soon as it safely can, and the evidence says so. A Format
// NVM under way cannot be called back: its end is awaited.
func (e *Eraser) Drive(ctx context.Context, order api.DriveOrder, d api.Drive) Result {
	evidence := api.DriveEvidence{Drive: order.Drive, Before: d}
	if order.Accepted {
		evidence.Kept = true
		return Result{Evidence: evidence}
	}
	if err := refuse(order, d); err != nil {
		evidence.Stopped = err.Error()
		return Result{Evidence: evidence}
	}
	phases := newPhases(e.report, order.Drive, e.elapsed)
	phases.begin(api.PhaseErase, 0)
	target := &Target{Drive: d, Order: order, drives: e.drives, phases: phases, elapsed: e.elapsed, generator: e.generator}
	for _, name := range order.Methods {
		attempt, err := e.attempt(ctx, name, target)
		evidence.Attempts = append(evidence.Attempts, attempt)
		evidence.Stopped = stopped(ctx, err)
		if attempt.NotRun == "" || evidence.Stopped != "" {
			break
		}
	}
	phases.end()
	if after, err := e.drives.Identify(d); err != nil {
		evidence.AfterError = err.Error()
	} else {
		evidence.After = &after
	}
	return Result{Evidence: evidence, ZeroRead: zeroRead(evidence)}
}

// refuse holds back what no order should ever ask for.
func refuse(order api.DriveOrder, d api.Drive) error {
	switch {
	case d.ID() != order.Drive:
		return fmt.Errorf("this drive is %s, the order is for %s", d.ID(), order.Drive)
	case d.Excluded != "":
		return fmt.Errorf("this device is no drive to be erased: %s", d.Excluded)
	case len(order.Seed) != proof.SeedBytes:
		return fmt.Errorf("the order's seed has %d bytes, not %d", len(order.Seed), proof.SeedBytes)
	case len(order.Methods) == 0:
		return errors.New("the order names no method")
	}
	return nil
}

// attempt runs one method and files its end under one of three: completed,
// known not to have run, or unknown.
func (e *Eraser) attempt(ctx context.Context, name api.Method, t *Target) (api.Attempt, error) {
	attempt := api.Attempt{Method: name, BeganMillis: e.elapsed().Milliseconds()}
	err := ctx.Err()
	if err == nil {
		err = methodOf(name).Run(ctx, t, &attempt)
	}
	var notRun *NotRunError
	switch {
	case errors.As(err, &notRun):
		attempt.NotRun = notRun.Reason
	case err != nil:
		attempt.Error = err.Error()
	}
	attempt.EndedMillis = e.elapsed().Milliseconds()
	return attempt, err
}

func stopped(ctx context.Context, err error) string {
	switch {
	case ctx.Err() != nil:
		return "cancelled"
	case errors.Is(err, drive.ErrGone):
		return "drive disappeared"
	case errors.Is(err, drive.ErrChanged):
		return "another drive stands in its place"
	}
	return ""
}

func zeroRead(e api.DriveEvidence) bool {
	if e.Stopped != "" || e.After == nil || len(e.Attempts) == 0 {
		return false
	}
	last := e.Attempts[len(e.Attempts)-1]
	return last.NotRun == "" && last.Error == "" && last.ReadBack != nil &&
		e.Before.SizeBytes > 0 && last.ReadBack.ZeroBytes == e.Before.SizeBytes &&
		e.After.ID() == e.Before.ID()
}
