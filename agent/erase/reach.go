package erase

import (
	"context"

	"regain.example/agent/api"
)

// reach is the drives that a command reaches.
type reach []*Target

// say says what the drives hold now.
func (r reach) say(state string) {
	for _, t := range r {
		t.state = state
	}
}

// begin shows that the erasure of the drives' whole size begins.
func (r reach) begin() {
	for _, t := range r {
		t.phases.begin(api.PhaseErase, t.Drive.SizeBytes)
	}
}

// progress shows that a part of the work is done, in so many of.
func (r reach) progress(part, of uint64) {
	for _, t := range r {
		t.phases.fraction(part, of)
	}
}

// journal tells the controller of a step of all drives.
func (r reach) journal(ctx context.Context, step api.JournalEntry) error {
	for _, t := range r {
		if err := t.journal(ctx, step); err != nil {
			return err
		}
	}
	return nil
}
