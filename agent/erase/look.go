package erase

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"

	"regain.example/agent/api"
	"regain.example/agent/drive"
)

// look opens the drive anew and looks for the markers and for former content,
// past all caches.
func (w *watch) look(ctx context.Context, t *Target, seen *api.Attempt) (err error) {
	t.phases.begin(api.PhaseVerify, uint64((len(w.markers)+len(w.samples))*w.block))
	dev, err := t.open()
	if err != nil {
		return fmt.Errorf("look for the markers: %w", err)
	}
	defer func() { err = errors.Join(err, dev.Close()) }()
	if err := w.lookForMarkers(ctx, t, dev, seen.Markers); err != nil {
		return fmt.Errorf("look for the markers: %w", err)
	}
	if err := w.lookForContent(ctx, t, dev, seen.Markers); err != nil {
		return fmt.Errorf("look for former content: %w", err)
	}
	return nil
}

func (w *watch) lookForMarkers(ctx context.Context, t *Target, dev drive.Device, m *api.Markers) error {
	var mu sync.Mutex
	return w.each(ctx, w.markers, func(buf []byte, i uint64) error {
		t.phases.add(len(buf))
		err := readAll(dev, buf, w.markers[i])
		mu.Lock()
		defer mu.Unlock()
		if err != nil {
			m.ReadErrors++
			return onlyIfGone(err)
		}
		m.Read++
		if w.former.seen(i, buf) {
			m.Former++
		}
		want := make([]byte, len(buf))
		w.pattern.Fill(want, i)
		if anySectorEqual(buf, want, dev.LogicalSector()) {
			m.StillThere++
		}
		return nil
	})
}

func (w *watch) lookForContent(ctx context.Context, t *Target, dev drive.Device, m *api.Markers) error {
	var mu sync.Mutex
	return w.each(ctx, w.samples, func(buf []byte, i uint64) error {
		t.phases.add(len(buf))
		err := readAll(dev, buf, w.samples[i])
		mu.Lock()
		defer mu.Unlock()
		if err != nil {
			m.ReadErrors++
			return onlyIfGone(err)
		}
		if w.content.seen(i, buf) {
			m.SamplesHit++
		}
		return nil
	})
}

func anySectorEqual(a, b []byte, sector int) bool {
	for at := 0; at+sector <= len(a); at += sector {
		if bytes.Equal(a[at:at+sector], b[at:at+sector]) {
			return true
		}
	}
	return false
}
