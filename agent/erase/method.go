package erase

import (
	"context"
	"fmt"
	"time"

	"regain.example/agent/api"
	"regain.example/agent/drive"
	"regain.example/agent/nvme"
	"regain.example/agent/proof"
)

// Method is one way to erase a drive, its verification included. Run writes what
// it sees into the attempt as it goes, so that an end in the middle loses
// nothing. It returns nil if the method ran to its end, a *NotRunError if the
// drive is known not to have run it, and any other error if that is unknown.
type Method interface {
	Run(ctx context.Context, t *Target, seen *api.Attempt) error
}

// methodOf returns the method with this name. An unknown name is a method that
// never runs.
func methodOf(name api.Method) Method {
	switch name {
	case api.MethodOverwrite:
		return overwrite{}
	case api.MethodFormat:
		return format{nvme.EraseUserData}
	case api.MethodFormatCrypto:
		return format{nvme.EraseCrypto}
	}
	return unknown(name)
}

// NotRunError says that the drive has not run the method.
type NotRunError struct{ Reason string }

func (e *NotRunError) Error() string { return "not run: " + e.Reason }

func notRun(format string, args ...any) error {
	return &NotRunError{fmt.Sprintf(format, args...)}
}

type unknown api.Method

func (u unknown) Run(context.Context, *Target, *api.Attempt) error {
	return notRun("this agent has no method %q", string(u))
}

// Target is the drive that a method works on.
type Target struct {
	Drive api.Drive
	Order api.DriveOrder

	drives    Drives
	phases    *phases
	elapsed   func() time.Duration
	generator proof.Generator
}

func (t *Target) open() (drive.Device, error) { return t.drives.Open(t.Drive) }

// present returns an error if the drive is gone or another one stands in its
// place. It is asked when an I/O error leaves that open.
func (t *Target) present() error {
	now, err := t.drives.Identify(t.Drive)
	if err != nil {
		return err
	}
	if now.ID() != t.Drive.ID() {
		return fmt.Errorf("identify %s: %w: it is %s", t.Drive.Node, drive.ErrChanged, now.ID())
	}
	return nil
}

func (t *Target) pattern(domain proof.Domain) (*proof.Pattern, error) {
	return proof.New(t.generator, domain, t.Order.Seed, t.Order.Drive)
}

// millisSince tells how long it is since a moment of elapsed.
func (t *Target) millisSince(began time.Duration) int64 {
	return (t.elapsed() - began).Milliseconds()
}
