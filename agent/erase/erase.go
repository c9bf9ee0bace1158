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

// Facts are what drives say of themselves; *drive.Host tells them.
type Facts interface {
	// IdentifyData is raw, and empty for a drive that has nothing of the kind.
	IdentifyData(d api.Drive) (api.Identify, error)
	// Health says in its Error what could not be read.
	Health(d api.Drive) api.Health
	// NativeBytes is api.DriveEvidence.NativeBytes.
	NativeBytes(d api.Drive) uint64
}

// Journaler keeps at the controller how far the work has come, and brings the
// seed of the samples from there.
type Journaler interface {
	// Journal tells a step of the work on a drive. It returns nil when the
	// step is on the controller's disk; for api.StageOffset it does not wait
	// for that.
	Journal(ctx context.Context, drive api.DriveID, step api.JournalEntry) error
	// SampleSeed waits until the controller has answered the last
	// api.StageCompleted of the drive with a seed. No seed is returned twice.
	SampleSeed(ctx context.Context, drive api.DriveID) ([]byte, error)
}

// Config is what an Eraser needs.
type Config struct {
	Drives  Drives
	Facts   Facts
	Journal Journaler
	Report  step.Reporter
	// Elapsed tells the time since the agent started and never goes back.
	Elapsed func() time.Duration
}

// Work is one drive and what is ordered of it.
type Work struct {
	Order api.DriveOrder
	Drive api.Drive
}

// Eraser erases the drives of one order.
type Eraser struct {
	Config
	work      []Work
	generator proof.Generator
}

// New returns an Eraser for all drives of one order: namespaces of one NVMe
// controller have to be erased together.
func New(c Config, work []Work) *Eraser {
	return &Eraser{Config: c, work: work, generator: proof.Fastest()}
}

// Result is what came of one drive.
type Result struct {
	Evidence api.DriveEvidence
	// ZeroRead is set when the last thing done to the drive was to read it
	// from end to end, and every byte was zero.
	ZeroRead bool
}

// Drive erases the drive of work i as ordered and verifies it. All drives of the
// order must be worked on at the same time, each by one call: those of one
// controller wait for each other. Methods are tried in order; the next one only
// after a method that is known not to have run. When ctx ends, the work stops as
// soon as it safely can, and the evidence says so. A Format NVM under way cannot
// be called back: its end is awaited.
func (e *Eraser) Drive(ctx context.Context, i int) Result {
	order, d := e.work[i].Order, e.work[i].Drive
	evidence := api.DriveEvidence{Drive: order.Drive, Before: d}
	if order.Accepted {
		evidence.Kept = true
		return Result{Evidence: evidence}
	}
	if err := refuse(order, d); err != nil {
		evidence.Stopped = err.Error()
		return Result{Evidence: evidence}
	}
	phases := newPhases(e.Report, order.Drive, e.Elapsed)
	phases.begin(api.PhaseErase, 0)
	target := &Target{Drive: d, Order: order, drives: e.Drives, phases: phases, elapsed: e.Elapsed, generator: e.generator}
	for _, name := range order.Methods {
		attempt, err := e.attempt(ctx, name, target)
		evidence.Attempts = append(evidence.Attempts, attempt)
		evidence.Stopped = stopped(ctx, err)
		if attempt.NotRun == "" || evidence.Stopped != "" {
			break
		}
	}
	phases.end()
	if after, err := e.Drives.Identify(d); err != nil {
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
	attempt := api.Attempt{Method: name, BeganMillis: e.Elapsed().Milliseconds()}
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
	attempt.EndedMillis = e.Elapsed().Milliseconds()
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
