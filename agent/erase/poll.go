package erase

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"regain.example/agent/api"
	"regain.example/agent/nvme"
)

const (
	pollEvery = time.Second
	// quietLimit bounds how long a drive may tell nothing that makes sense of
	// the operation: no log at all, or that of another one. It is for drives
	// whose controller resets itself when it begins.
	quietLimit = 10 * time.Minute
)

// poll reads the Sanitize Status log until the operation has ended.
type poll struct {
	t     *Target
	admin nvme.Transport
	seen  *api.Sanitize
	// action is the one that was started; the zero value takes any.
	action sanitize
	reach  reach // the drives whose progress it is

	moved time.Duration // when the progress last changed
	heard time.Duration // when the log last told of the operation
	last  uint16
}

// errStuck ends an operation that makes no progress.
var errStuck = errors.New("no progress")

// untilEnd returns nil when the drive says that the operation has completed.
func (w *poll) untilEnd(ctx context.Context) error {
	w.moved, w.heard = w.t.Elapsed(), w.t.Elapsed()
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		ended, err := w.once()
		if ended || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
	}
}

func (w *poll) once() (ended bool, err error) {
	log, err := nvme.ReadSanitizeLog(w.admin)
	if err != nil {
		if gone := w.t.present(); gone != nil {
			return false, gone
		}
		return false, w.quiet(fmt.Errorf("the drive does not tell its sanitize status: %w", err))
	}
	w.seen.Read = true
	w.seen.Status, w.seen.Progress, w.seen.LogArguments = log.Status, log.Progress, log.Arguments
	if w.action.name != "" && !w.action.started(log) {
		return false, w.quiet(fmt.Errorf("the log tells of another operation (%#x)", log.Arguments))
	}
	switch {
	case log.Succeeded():
		return true, nil
	case log.State() == nvme.SanitizeInProgress:
		return false, w.progress(log.Progress)
	case log.State() == nvme.SanitizeFailed:
		return false, errors.New("the drive says that the operation failed")
	}
	return false, w.quiet(fmt.Errorf("the log does not tell of the operation (%s)", log.State()))
}

// quiet gives up a drive that has told nothing of the operation for too long.
func (w *poll) quiet(why error) error {
	limit := min(quietLimit, cmp.Or(w.limit(), quietLimit))
	if quiet := w.t.Elapsed() - w.heard; quiet > limit {
		return fmt.Errorf("%w for %s: %w", errStuck, quiet.Round(time.Second), why)
	}
	return nil
}

// progress takes what the log told, and gives up an operation that stands still.
func (w *poll) progress(done uint16) error {
	now := w.t.Elapsed()
	w.heard = now
	w.seen.SeenRunning++
	w.reach.progress(uint64(done), 1<<16)
	w.reach.say(fmt.Sprintf("It is sanitizing itself (%d %% done) and goes on with that, even after its power was off. "+
		"It takes no other work until that has ended.", int(done)*100>>16))
	if done != w.last || w.seen.SeenRunning == 1 {
		w.last, w.moved = done, now
	}
	still := now - w.moved
	w.seen.LongestStill = max(w.seen.LongestStill, still.Milliseconds())
	if w.limit() > 0 && still > w.limit() {
		return fmt.Errorf("%w for %s, at %d of 65536", errStuck, still.Round(time.Second), done)
	}
	return nil
}

func (w *poll) limit() time.Duration {
	return time.Duration(w.t.Order.Limits.NoProgressSeconds) * time.Second
}
