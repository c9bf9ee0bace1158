package erase

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"regain.example/agent/api"
	"regain.example/agent/drive"
	"regain.example/agent/proof"
)

// offsetEvery is how often the offset is told while a drive is overwritten; a
// power cut costs no more than that.
const offsetEvery = time.Minute

// pass is one pass of the pattern over a drive, from byte from on.
type pass struct {
	t       *Target
	pattern *proof.Pattern
	from    uint64
}

// begin tells the controller, before the first write, that the drive's content
// is lost from here on. What an earlier boot has told stands.
func (w *pass) begin(ctx context.Context) error {
	if w.from > 0 {
		return w.t.journal(ctx, w.entry(api.StageOffset, w.from))
	}
	return w.t.journal(ctx, w.entry(api.StageBegun, 0))
}

func (w *pass) entry(stage api.Stage, offset uint64) api.JournalEntry {
	return api.JournalEntry{
		Method: api.MethodOverwrite, Stage: stage, Offset: offset, Pattern: string(w.pattern.Generator()),
	}
}

// write writes what is missing and flushes.
func (w *pass) write(ctx context.Context, p *pacer, seen *api.Attempt) (err error) {
	t := w.t
	dev, err := t.open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, dev.Close()) }()
	t.phases.begin(api.PhaseErase, uint64(dev.Size()))
	t.phases.add(int(w.from))
	seen.Overwrite = &api.Overwrite{Pattern: string(w.pattern.Generator()), From: w.from}
	began := t.Elapsed()
	var bad ranges
	var written atomic.Uint64
	first := (w.from + proof.Unit - 1) / proof.Unit
	front := newFrontier(first)
	defer func() {
		done := min(front.at()*proof.Unit, t.Drive.SizeBytes)
		t.state = fmt.Sprintf("It is overwritten up to byte %d of %d (%d %%); the rest holds what it did.",
			done, t.Drive.SizeBytes, 100*(done>>10)/max(1, t.Drive.SizeBytes>>10))
	}()
	err = w.telling(ctx, dev, front, func(ctx context.Context) error {
		return eachUnit(ctx, first, dev.Size(), func(buf []byte, index uint64) error {
			if err := p.wait(ctx); err != nil {
				return err
			}
			w.pattern.Fill(buf, index)
			n, err := writeUnit(ctx, t, dev, buf, int64(index)*proof.Unit, &bad)
			written.Add(uint64(n))
			t.phases.add(len(buf))
			p.add(len(buf))
			if err == nil {
				front.done(index)
			}
			return err
		})
	})
	seen.Overwrite.BytesWritten = written.Load()
	seen.Overwrite.WriteErrors = bad.all()
	if err == nil {
		err = flush(dev)
		seen.Overwrite.Flushed = err == nil
	}
	seen.Overwrite.WriteMillis = t.millisSince(began)
	return err
}

// telling does the work, and tells the controller meanwhile how far it has come:
// what was written before a flush that succeeded.
func (w *pass) telling(ctx context.Context, dev drive.Device, front *frontier, work func(context.Context) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	var wg sync.WaitGroup
	wg.Go(func() {
		tick := time.NewTicker(offsetEvery)
		defer tick.Stop()
		told := front.at()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			now := front.at()
			if now == told {
				continue
			}
			told = now
			err := flush(dev)
			if err == nil {
				err = w.t.journal(ctx, w.entry(api.StageOffset, min(now*proof.Unit, uint64(dev.Size()))))
			}
			if err != nil {
				cancel(err)
			}
		}
	})
	err := work(ctx)
	cancel(nil)
	wg.Wait()
	return err
}

// writeUnit writes one unit, around what fails, and returns how many bytes were
// written.
func writeUnit(ctx context.Context, t *Target, dev drive.Device, buf []byte, off int64, bad *ranges) (int, error) {
	written, failed := 0, false
	err := around(ctx, buf, off, bad, func(p []byte, off int64) error {
		if err := writeAll(dev, p, off); err != nil {
			failed = true
			return err
		}
		written += len(p)
		return nil
	})
	if err == nil && failed {
		err = t.present()
	}
	return written, err
}

func writeAll(dev drive.Device, p []byte, off int64) error {
	n, err := dev.WriteAt(p, off)
	if err == nil && n < len(p) {
		return io.ErrShortWrite
	}
	return err
}

func flush(dev drive.Device) error {
	if err := dev.Flush(); err != nil {
		return fmt.Errorf("flush: %w", err)
	}
	return nil
}
