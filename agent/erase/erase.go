// Package erase erases the drives of one order and gathers the evidence. It never
// says whether a drive is erased: the controller does, from the evidence.
//
// The flow of one drive, whatever the method:
//
//	identify data, health                     Drive
//	markers, former content                   lay           (firmware methods)
//	journal: begun                            on the controller's disk
//	the command, or the pass                  format, sanitize, overwrite
//	journal: completed                        on the controller's disk
//	look for markers and former content       look          (firmware methods)
//	wait for the seed, read the samples       sample
//	read every sector                         readBack      (overwrite, or if ordered)
//	identify data, health
package erase

import (
	"context"
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
type Eraser struct{ targets []*Target }

// New returns an Eraser for all drives of one order: namespaces of one NVMe
// controller have to be erased together.
func New(c Config, work []Work) *Eraser {
	e := &Eraser{}
	generator := proof.Fastest()
	for _, w := range work {
		e.targets = append(e.targets, &Target{
			Drive: w.Drive, Order: w.Order, Config: c, generator: generator,
			phases: newPhases(c.Report, w.Order.Drive, c.Elapsed), state: stateUntouched,
		})
	}
	gather(e.targets)
	return e
}

// Result is what came of one drive.
type Result struct {
	Evidence api.DriveEvidence
	// ZeroRead is set when the last thing done to the drive was to read it
	// from end to end, and every byte was zero.
	ZeroRead bool
}

// Drive does the work on the drive of work i. All drives of the order must be
// worked on at the same time, each by one call: those of one controller wait for
// each other. When ctx ends, the work stops as soon as it safely can, and the
// evidence says so and in what state the drive is. A Format NVM under way cannot
// be called back: its end is awaited.
func (e *Eraser) Drive(ctx context.Context, i int) Result {
	t := e.targets[i]
	defer t.group.leave(t)
	defer t.phases.end() // after a panic, too
	if t.Order.Accepted {
		return Result{Evidence: t.recheck(ctx)}
	}
	return t.erase(ctx)
}
