package erase

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"regain.example/agent/api"
	"regain.example/agent/drive"
	"regain.example/agent/proof"
)

// lay samples the drive's content, writes the markers, flushes and reads them
// back. Nothing has been erased yet, so every failure here but a vanished drive
// or a stop means that the method is known not to have run.
func lay(ctx context.Context, t *Target, seen *api.Attempt) (w *watch, err error) {
	dev, err := t.open()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, dev.Close()) }()
	if w, err = newWatch(t, t.generator, dev.Size(), int64(dev.LogicalSector())); err != nil {
		return nil, err
	}
	m := w.evidence(seen)
	for _, step := range []func(context.Context, *Target, drive.Device, *api.Markers) error{w.remember, w.write, w.check} {
		if err := step(ctx, t, dev, m); err != nil {
			return nil, before(ctx, err)
		}
	}
	return w, nil
}

// before files an error that came before the destructive command.
func before(ctx context.Context, err error) error {
	if ctx.Err() != nil || errors.Is(err, drive.ErrGone) {
		return err
	}
	return notRun("the drive could not be prepared for the proof: %v", err)
}

// carry knows the markers that an earlier boot of the job laid.
func carry(t *Target, name api.Method, seen *api.Attempt) (*watch, error) {
	resume := t.resume(name)
	w, err := newWatch(t, proof.Generator(resume.Pattern), int64(t.Drive.SizeBytes), int64(t.Drive.LogicalSector))
	if err != nil {
		return nil, fmt.Errorf("go on with %s: %w", name, err)
	}
	w.former, w.known, w.content.offsets = nil, nil, nil
	m := w.evidence(seen)
	m.Carried, m.FormerSkip = true, m.Blocks
	// The step that let the command begin was told when all of them had been
	// read back.
	m.Laid, m.Flushed = m.Blocks, true
	return w, nil
}

// remember hashes what lies at the samples and at the markers' places. What
// cannot be read proves nothing later.
func (w *watch) remember(ctx context.Context, _ *Target, dev drive.Device, m *api.Markers) error {
	for _, part := range []struct {
		places
		memory *memory
	}{{w.content, w.known}, {w.markers, w.former}} {
		err := part.each(ctx, func(buf []byte, i uint64) error {
			err := readAll(dev, buf, part.offsets[i])
			if err == nil {
				part.memory.keep(i, buf)
			}
			return onlyIfGone(err)
		})
		if err != nil {
			return err
		}
	}
	m.Samples = w.known.telling()
	m.FormerSkip = m.Blocks - w.former.telling()
	return nil
}

func (w *watch) write(ctx context.Context, t *Target, dev drive.Device, m *api.Markers) error {
	t.state = stateMarked
	err := w.markers.each(ctx, func(buf []byte, i uint64) error {
		w.pattern.Fill(buf, i)
		return writeAll(dev, buf, w.markers.offsets[i])
	})
	if err != nil {
		return fmt.Errorf("write the markers: %w", err)
	}
	if err := flush(dev); err != nil {
		return err
	}
	m.Flushed = true
	return nil
}

// check reads the markers where they were written. A drive on which they do not
// lie there, such as one that wraps its addresses, cannot prove a firmware
// erasure.
func (w *watch) check(ctx context.Context, _ *Target, dev drive.Device, m *api.Markers) error {
	var laid atomic.Int32
	media := newMedia(dev)
	err := w.markers.each(ctx, func(buf []byte, i uint64) error {
		if err := media.read(buf, w.markers.offsets[i]); err != nil {
			return err
		}
		if w.pattern.Equal(buf, i) {
			laid.Add(1)
		}
		return nil
	})
	m.Laid = int(laid.Load())
	if err == nil && m.Laid < m.Blocks {
		err = fmt.Errorf("%d of %d do not lie where they were written", m.Blocks-m.Laid, m.Blocks)
	}
	if err != nil {
		return fmt.Errorf("read the markers back: %w", err)
	}
	return nil
}
