package erase

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"

	"regain.example/agent/api"
	"regain.example/agent/drive"
	"regain.example/agent/proof"
)

const (
	// watchBlock is the size in bytes of a marker and of a sample.
	watchBlock = 64 << 10
	// markerBlocks and sampleBlocks are spread over the drive, one drawn in
	// each stratum; first and last block of the drive are markers.
	markerBlocks = 64
	sampleBlocks = 192
)

// watch is what is known of a drive before a firmware erasure.
type watch struct {
	pattern *proof.Pattern
	block   int     // bytes
	markers []int64 // offsets
	former  *memory // what the markers replaced
	samples []int64 // offsets, apart from the markers
	content *memory // of the samples
}

// lay samples the drive's content, writes the markers, flushes and reads them
// back. Nothing has been erased yet, so every failure here but a vanished drive
// or a stop means that the method is known not to have run.
func lay(ctx context.Context, t *Target, seen *api.Attempt) (w *watch, err error) {
	dev, err := t.open()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, dev.Close()) }()
	w, err = newWatch(t, dev)
	if err != nil {
		return nil, err
	}
	m := &api.Markers{Blocks: len(w.markers), BlockBytes: w.block}
	seen.Markers = m
	for _, step := range []func(context.Context, drive.Device, *api.Markers) error{w.remember, w.write, w.check} {
		if err := step(ctx, dev, m); err != nil {
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

func newWatch(t *Target, dev drive.Device) (*watch, error) {
	pattern, err := t.pattern(proof.DomainMarker)
	if err != nil {
		return nil, err
	}
	sector := int64(dev.LogicalSector())
	w := &watch{pattern: pattern, block: int(min(watchBlock, dev.Size()/sector*sector))}
	place := func(label string, n int) []int64 {
		return proof.Positions(t.Order.Seed, t.Order.Drive, label, n, dev.Size(), int64(w.block), sector)
	}
	w.markers = place("markers", markerBlocks)
	w.samples = slices.DeleteFunc(place("samples", sampleBlocks), w.touchesMarker)
	w.former = newMemory(len(w.markers), int(sector))
	w.content = newMemory(len(w.samples), int(sector))
	return w, nil
}

func (w *watch) touchesMarker(off int64) bool {
	return slices.ContainsFunc(w.markers, func(marker int64) bool {
		return off < marker+int64(w.block) && marker < off+int64(w.block)
	})
}

// remember hashes what lies at the samples and at the markers' places. What
// cannot be read proves nothing later.
func (w *watch) remember(ctx context.Context, dev drive.Device, m *api.Markers) error {
	for _, part := range []struct {
		offsets []int64
		memory  *memory
	}{{w.samples, w.content}, {w.markers, w.former}} {
		err := w.each(ctx, part.offsets, func(buf []byte, i uint64) error {
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
	m.Samples = w.content.telling()
	m.FormerSkip = m.Blocks - w.former.telling()
	return nil
}

func (w *watch) write(ctx context.Context, dev drive.Device, m *api.Markers) error {
	err := w.each(ctx, w.markers, func(buf []byte, i uint64) error {
		w.pattern.Fill(buf, i)
		return writeAll(dev, buf, w.markers[i])
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
func (w *watch) check(ctx context.Context, dev drive.Device, m *api.Markers) error {
	var laid atomic.Int32
	err := w.each(ctx, w.markers, func(buf []byte, i uint64) error {
		if err := readAll(dev, buf, w.markers[i]); err != nil {
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

func (w *watch) each(ctx context.Context, offsets []int64, do func(buf []byte, i uint64) error) error {
	return inParallel(ctx, uint64(len(offsets)), w.block, do)
}

func onlyIfGone(err error) error {
	if errors.Is(err, drive.ErrGone) {
		return err
	}
	return nil
}
