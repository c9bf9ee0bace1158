package control

import (
	"context"

	"regain.example/imager"
)

// Store keeps machines, jobs, sessions and the entries of what happened. What a
// method has returned without an error survives a power cut.
//
// Errors wrap imager.ErrNotFound, imager.ErrConflict (a version is not the
// expected one; read again) or imager.ErrStorage.
type Store interface {
	Machines(ctx context.Context) ([]imager.Machine, error)
	Machine(ctx context.Context, number int) (imager.Machine, error)
	Job(ctx context.Context, id string) (imager.Job, error)
	Session(ctx context.Context, id string) (imager.Session, error)
	// SessionByToken finds the newest session that was opened with the token
	// of this SHA-256.
	SessionByToken(ctx context.Context, sum []byte) (imager.Session, error)
	// Entries returns at most limit entries of the machine, newest first.
	Entries(ctx context.Context, machine, limit int) ([]imager.Entry, error)
	// LastNumber is the highest number that a machine was ever given.
	LastNumber(ctx context.Context) (int, error)
	// Withdrawn returns all withdrawn drives, oldest first.
	Withdrawn(ctx context.Context) ([]imager.Withdrawn, error)
	// KeepEvidence keeps text as a file named by its SHA-256, which it
	// returns in hex. It comes before the Commit that cites it.
	KeepEvidence(ctx context.Context, text []byte) (sha256 string, err error)
	// Evidence returns what KeepEvidence kept, compared with its SHA-256.
	Evidence(ctx context.Context, sha256 string) ([]byte, error)
	// Commit applies a change whole or not at all.
	Commit(ctx context.Context, c Change) error
}

// Change is one transaction. Each record carries the Version that was read; a
// new record carries 0. The store refuses the whole change if a record has
// another version by now, and writes each with its version plus one.
type Change struct {
	Machine  *imager.Machine
	Job      *imager.Job
	Sessions []imager.Session
	Entries  []imager.Entry
	// Withdrawn is a withdrawn drive that is new or was destroyed.
	Withdrawn *imager.Withdrawn
	// Forget removes a machine that never had a job, its sessions and its
	// entries; 0 for none.
	Forget int
	// ForgetSessions removes sessions that are too old to matter.
	ForgetSessions []string
}
