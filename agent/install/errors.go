package install

import (
	"context"
	"errors"
	"fmt"
)

// Why an installation is refused before the first write.
var (
	ErrManifest = errors.New("manifest refused")
	ErrTooSmall = errors.New("drive too small")
	ErrSector   = errors.New("sector size differs")
	ErrFirmware = errors.New("image not made for this firmware")
	ErrSeed     = errors.New("identity and seed do not match")
	ErrDrive    = errors.New("not the drive of the order")
)

// Why an installation ends after it has begun.
var (
	ErrUnreachable = errors.New("server not reachable")
	ErrMissing     = errors.New("not to be had from the server")
	ErrCorrupt     = errors.New("corrupt on the server")
	ErrMismatch    = errors.New("drive does not hold what was written")
	ErrLayout      = errors.New("image's partitions not usable")
	ErrStopped     = errors.New("stopped")
)

// refusal is one of the sentinels with the words for the technician.
type refusal struct {
	kind error
	text string
}

func (r *refusal) Error() string { return r.text }
func (r *refusal) Unwrap() error { return r.kind }

// refuse makes an error of the given kind. The text says what is wrong and what
// to do.
func refuse(kind error, format string, args ...any) error {
	return &refusal{kind, fmt.Sprintf(format, args...)}
}

// DriveError is an error of the system drive.
type DriveError struct {
	Op     string // "open", "read", "write", "flush"
	Offset int64  // bytes; of reads and writes
	Err    error
}

// Error says what the drive did and what to do.
func (e *DriveError) Error() string {
	switch e.Op {
	case "read", "write":
		return fmt.Sprintf("the drive failed to %s at byte %d (%v): check its cable, then replace the drive",
			e.Op, e.Offset, e.Err)
	case "flush":
		return fmt.Sprintf("the drive did not confirm that it stored what was written (%v): replace the drive", e.Err)
	}
	return fmt.Sprintf("the drive cannot be opened (%v): restart the machine and try again", e.Err)
}

// Unwrap returns the cause.
func (e *DriveError) Unwrap() error { return e.Err }

// stopped adds where the work stood, and tells a stop by order apart from
// errors that the stop caused.
func stopped(ctx context.Context, op string, err error) error {
	if ctx.Err() == nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	return refuse(ErrStopped, "%s: stopped by order (%v); the drive holds no usable system, install again",
		op, context.Cause(ctx))
}
