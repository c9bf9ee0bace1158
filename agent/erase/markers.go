package erase

import (
	"bytes"
	"context"
	"errors"
	"fmt"

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
	markers []int64 // offsets
	former  *memory // what the markers replaced, in their order
	samples []int64 // offsets of telling samples outside the markers
	content *memory // of the samples, in their order
}

// lay samples the drive's content, writes the markers, flushes and reads them
// back. Nothing has been erased yet, so every failure here but a vanished drive
// means that the method is known not to have run.
func lay(ctx context.Context, t *Target, seen *api.Attempt) (w *watch, err error) {
	pattern, err := t.pattern(proof.DomainMarker)
	if err != nil {
		return nil, err
	}
	dev, err := t.open()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, dev.Close()) }()

	w = &watch{pattern: pattern, former: newMemory(dev.LogicalSector()), content: newMemory(dev.LogicalSector())}
	block := min(watchBlock, dev.Size()/int64(dev.LogicalSector())*int64(dev.LogicalSector()))
	place := func(label string, n int) []int64 {
		return proof.Positions(t.Order.Seed, t.Order.Drive, label, n, dev.Size(), block, int64(dev.LogicalSector()))
	}
	w.markers = place("markers", markerBlocks)
	seen.Markers = &api.Markers{Blocks: len(w.markers), BlockBytes: int(block)}
	if err := w.sample(ctx, dev, place("samples", sampleBlocks), seen.Markers); err != nil {
		return nil, before(err)
	}
	if err := w.write(ctx, dev, seen.Markers); err != nil {
		return nil, before(err)
	}
	if err := w.readMarkers(ctx, dev, seen.Markers); err != nil {
		return nil, before(err)
	}
	return w, nil
}

// before files an error that came before the destructive command.
func before(err error) error {
	if errors.Is(err, drive.ErrGone) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return notRun("the drive could not be prepared for the proof: %v", err)
}

// sample remembers what lies at the samples, and at the markers' places.
func (w *watch) sample(ctx context.Context, dev drive.Device, offsets []int64, m *api.Markers) error {
	buf := drive.Buffer(m.BlockBytes)
	for _, off := range offsets {
		if err := ctx.Err(); err != nil {
			return err
		}
		if w.overlapsMarker(off, int64(m.BlockBytes)) || readAll(dev, buf, off) != nil || proof.Uniform(buf) {
			continue // an unreadable or blank sample proves nothing
		}
		w.content.keep(buf)
		w.samples = append(w.samples, off)
	}
	m.Samples = len(w.samples)
	for _, off := range w.markers {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := readAll(dev, buf, off); errors.Is(err, drive.ErrGone) {
			return err
		} else if err != nil {
			clear(buf)
		}
		if !w.former.keep(buf) {
			m.FormerSkip++
		}
	}
	return nil
}

func (w *watch) overlapsMarker(off, length int64) bool {
	for _, marker := range w.markers {
		if off < marker+length && marker < off+length {
			return true
		}
	}
	return false
}

func (w *watch) write(ctx context.Context, dev drive.Device, m *api.Markers) error {
	buf := drive.Buffer(m.BlockBytes)
	for i, off := range w.markers {
		if err := ctx.Err(); err != nil {
			return err
		}
		w.pattern.Fill(buf, uint64(i))
		if err := writeAll(dev, buf, off); err != nil {
			return fmt.Errorf("write marker %d: %w", i, err)
		}
	}
	if err := flush(dev); err != nil {
		return err
	}
	m.Flushed = true
	return nil
}

// readMarkers checks that the markers lie where they were written. A drive on
// which they do not, such as one that wraps its addresses, cannot prove a
// firmware erasure.
func (w *watch) readMarkers(ctx context.Context, dev drive.Device, m *api.Markers) error {
	buf := drive.Buffer(m.BlockBytes)
	for i, off := range w.markers {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := readAll(dev, buf, off); err != nil {
			return fmt.Errorf("read marker %d: %w", i, err)
		}
		if w.pattern.Equal(buf, uint64(i)) {
			m.Laid++
		}
	}
	if m.Laid < m.Blocks {
		return fmt.Errorf("%d of %d markers could not be read back", m.Blocks-m.Laid, m.Blocks)
	}
	return nil
}

// look opens the drive anew and looks for markers and former content.
func (w *watch) look(ctx context.Context, t *Target, seen *api.Attempt) (err error) {
	dev, err := t.open()
	if err != nil {
		return fmt.Errorf("look for the markers: %w", err)
	}
	defer func() { err = errors.Join(err, dev.Close()) }()

	t.phases.begin(api.PhaseVerify, 0)
	m := seen.Markers
	buf, want := drive.Buffer(m.BlockBytes), make([]byte, m.BlockBytes)
	read := func(off int64) (bool, error) {
		err := readAll(dev, buf, off)
		if ctx.Err() != nil || errors.Is(err, drive.ErrGone) {
			return false, errors.Join(ctx.Err(), err)
		}
		if err != nil {
			m.ReadErrors++
		}
		return err == nil, nil
	}
	for i, off := range w.markers {
		ok, err := read(off)
		if err != nil {
			return fmt.Errorf("look for the markers: %w", err)
		}
		if !ok {
			continue
		}
		m.Read++
		w.pattern.Fill(want, uint64(i))
		if anySectorEqual(buf, want, dev.LogicalSector()) {
			m.StillThere++
		}
		if w.former.seen(i, buf) {
			m.Former++
		}
	}
	for i, off := range w.samples {
		ok, err := read(off)
		if err != nil {
			return fmt.Errorf("look for former content: %w", err)
		}
		if ok && w.content.seen(i, buf) {
			m.SamplesHit++
		}
	}
	return nil
}

func anySectorEqual(a, b []byte, sector int) bool {
	for at := 0; at+sector <= len(a); at += sector {
		if bytes.Equal(a[at:at+sector], b[at:at+sector]) {
			return true
		}
	}
	return false
}
