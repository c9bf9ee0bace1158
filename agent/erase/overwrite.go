package erase

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"

	"regain.example/agent/api"
	"regain.example/agent/drive"
	"regain.example/agent/proof"
)

// overwrite writes one pass of the pattern over every addressable sector,
// flushes, opens the drive anew and reads all of it back.
type overwrite struct{}

func (overwrite) Run(ctx context.Context, t *Target, seen *api.Attempt) error {
	pattern, err := t.pattern(proof.DomainOverwrite)
	if err != nil {
		return err
	}
	if err := writePass(ctx, t, pattern, seen); err != nil {
		return err
	}
	return readBack(ctx, t, pattern, seen)
}

func writePass(ctx context.Context, t *Target, pattern *proof.Pattern, seen *api.Attempt) (err error) {
	dev, err := t.open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, dev.Close()) }()

	t.phases.begin(api.PhaseErase, uint64(dev.Size()))
	seen.Overwrite = &api.Overwrite{Pattern: string(pattern.Generator())}
	began := t.elapsed()
	var bad ranges
	var written atomic.Uint64
	err = eachUnit(ctx, dev.Size(), func(buf []byte, index uint64) error {
		pattern.Fill(buf, index)
		n, err := writeUnit(ctx, t, dev, buf, int64(index)*proof.Unit, &bad)
		written.Add(uint64(n))
		t.phases.add(len(buf))
		return err
	})
	seen.Overwrite.BytesWritten = written.Load()
	seen.Overwrite.WriteErrors = bad.all()
	if err == nil {
		err = flush(dev)
		seen.Overwrite.Flushed = err == nil
	}
	seen.Overwrite.WriteMillis = t.millisSince(began)
	if err != nil {
		return fmt.Errorf("overwrite %s: %w", t.Drive.Node, err)
	}
	return nil
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
