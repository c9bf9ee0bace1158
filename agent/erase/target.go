package erase

import (
	"context"
	"fmt"
	"time"

	"regain.example/agent/api"
	"regain.example/agent/drive"
	"regain.example/agent/proof"
)

// Target is the drive that a method works on.
type Target struct {
	Drive api.Drive
	Order api.DriveOrder
	Config

	generator proof.Generator
	phases    *phases
	group     *group
	tells     bool // its temperature
	// state says what the drive holds now, in case that the work ends here.
	state string
}

const (
	stateUntouched = "Nothing was written to it; its content is as it was."
	stateMarked    = "Markers were written in some places; everything else is as it was."
	stateUnproven  = "It says that it is erased, but that was not proven to the end."
)

func (t *Target) open() (drive.Device, error) { return t.Drives.Open(t.Drive) }

// present returns an error if the drive is gone or another one stands in its
// place. It is asked when an I/O error leaves that open.
func (t *Target) present() error {
	now, err := t.Drives.Identify(t.Drive)
	if err != nil {
		return err
	}
	if now.ID() != t.Drive.ID() {
		return fmt.Errorf("identify %s: %w: it is %s", t.Drive.Node, drive.ErrChanged, now.ID())
	}
	return nil
}

// pattern is what is written to the drive, by the generator g.
func (t *Target) pattern(g proof.Generator, domain proof.Domain) (*proof.Pattern, error) {
	return proof.New(g, domain, t.Order.Seed, t.Order.Drive)
}

// journal tells the controller of a step.
func (t *Target) journal(ctx context.Context, step api.JournalEntry) error {
	if err := t.Journal.Journal(ctx, t.Order.Drive, step); err != nil {
		return fmt.Errorf("tell the controller that %s is %s: %w", step.Method, step.Stage, err)
	}
	return nil
}

// millisSince tells how long it is since a moment of Elapsed.
func (t *Target) millisSince(began time.Duration) int64 {
	return (t.Elapsed() - began).Milliseconds()
}
