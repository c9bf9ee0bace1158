package erase

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"regain.example/agent/api"
)

// look opens the drive anew and looks for the markers and for former content,
// past all caches.
func (w *watch) look(ctx context.Context, t *Target, seen *api.Attempt) (err error) {
	t.phases.begin(api.PhaseVerify, uint64(len(w.markers.offsets)*w.markers.block+len(w.content.offsets)*w.content.block))
	dev, err := t.open()
	if err != nil {
		return fmt.Errorf("look for the markers: %w", err)
	}
	defer func() { err = errors.Join(err, dev.Close()) }()
	l := &looker{watch: w, media: newMedia(dev), sector: dev.LogicalSector(), seen: seen.Markers, done: t.phases.add}
	defer func() { seen.Markers.FUA = l.media.fua() }()
	if err := w.markers.each(ctx, l.marker); err != nil {
		return fmt.Errorf("look for the markers: %w", err)
	}
	if err := w.content.each(ctx, l.content); err != nil {
		return fmt.Errorf("look for former content: %w", err)
	}
	return nil
}

// looker counts what is found.
type looker struct {
	watch  *watch
	media  *media
	sector int
	done   func(bytes int)

	mu   sync.Mutex
	seen *api.Markers
}

func (l *looker) marker(buf []byte, i uint64) error {
	ok, err := l.read(buf, l.watch.markers.offsets[i])
	if !ok {
		return err
	}
	former := l.watch.former.seen(i, buf)
	still := l.watch.pattern.InAnySector(buf, i, l.sector)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.seen.Read++
	if former {
		l.seen.Former++
	}
	if still {
		l.seen.StillThere++
	}
	return nil
}

func (l *looker) content(buf []byte, i uint64) error {
	ok, err := l.read(buf, l.watch.content.offsets[i])
	if !ok {
		return err
	}
	if l.watch.known.seen(i, buf) {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.seen.SamplesHit++
	}
	return nil
}

// read counts a block that cannot be read; only a vanished drive is an error.
func (l *looker) read(buf []byte, off int64) (bool, error) {
	err := l.media.read(buf, off)
	l.done(len(buf))
	if err == nil {
		return true, nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.seen.ReadErrors++
	return false, onlyIfGone(err)
}
