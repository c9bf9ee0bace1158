package erase

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"regain.example/agent/api"
	"regain.example/agent/drive"
	"regain.example/agent/proof"
)

// maxFirst is how many mismatching units the evidence names.
const maxFirst = 16

// readBack opens the drive anew, reads every sector past the caches and counts
// what is not the pattern, and what is zero. A nil pattern is a drive on which
// there should be no content.
func readBack(ctx context.Context, t *Target, pattern *proof.Pattern, seen *api.Attempt) error {
	return paced(ctx, t, seen, true, func(ctx context.Context, p *pacer) error {
		return readAllOf(ctx, t, p, pattern, seen)
	})
}

func readAllOf(ctx context.Context, t *Target, p *pacer, pattern *proof.Pattern, seen *api.Attempt) (err error) {
	dev, err := t.open()
	if err != nil {
		return fmt.Errorf("read back: %w", err)
	}
	defer func() { err = errors.Join(err, dev.Close()) }()

	t.phases.begin(api.PhaseVerify, uint64(dev.Size()))
	began := t.Elapsed()
	r := reader{target: t, dev: dev, pattern: pattern}
	err = eachUnit(ctx, 0, dev.Size(), func(buf []byte, index uint64) error {
		if err := p.wait(ctx); err != nil {
			return err
		}
		defer p.add(len(buf))
		defer t.phases.add(len(buf))
		return r.unit(ctx, buf, index)
	})
	r.seen.ReadErrors = r.bad.all()
	r.seen.Millis = t.millisSince(began)
	seen.ReadBack = &r.seen
	if err != nil {
		return fmt.Errorf("read back %s: %w", t.Drive.Node, err)
	}
	return nil
}

// reader counts what a read-back sees.
type reader struct {
	target  *Target
	dev     drive.Device
	pattern *proof.Pattern
	bad     ranges

	mu   sync.Mutex
	seen api.ReadBack
}

func (r *reader) unit(ctx context.Context, buf []byte, index uint64) error {
	base := int64(index) * proof.Unit
	var missing ranges
	read := 0
	err := around(ctx, buf, base, &missing, func(p []byte, off int64) error {
		if err := readAll(r.dev, p, off); err != nil {
			return err
		}
		read += len(p)
		return nil
	})
	if err != nil {
		return err
	}
	for _, m := range missing.all() {
		if err := r.bad.add(int64(m.Offset), int(m.Length), errUnreadable); err != nil {
			return err
		}
	}
	whole := read == len(buf)
	if !whole {
		if err := r.target.present(); err != nil {
			return err
		}
	}
	r.count(buf, index, read, whole && proof.Zero(buf), r.matches(buf, index, base, missing.all()))
	return nil
}

var errUnreadable = errors.New("unreadable sectors")

// matches compares with the pattern what could be read of a unit, or looks for
// content. What could not be read is counted as a read error, not as a mismatch.
func (r *reader) matches(buf []byte, index uint64, base int64, missing []api.Range) bool {
	if r.pattern == nil {
		return len(missing) > 0 || proof.ClassOf(buf) != proof.Content
	}
	if len(missing) > 0 {
		want := make([]byte, len(buf))
		r.pattern.Fill(want, index)
		for _, m := range missing {
			at := int64(m.Offset) - base
			copy(buf[at:at+int64(m.Length)], want[at:])
		}
	}
	return r.pattern.Equal(buf, index)
}

func (r *reader) count(buf []byte, index uint64, read int, zero, matches bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seen.BytesRead += uint64(read)
	if zero {
		r.seen.ZeroBytes += uint64(len(buf))
	}
	if matches {
		return
	}
	r.seen.Mismatches++
	if len(r.seen.First) < maxFirst {
		r.seen.First = append(r.seen.First, api.Range{Offset: index * proof.Unit, Length: uint64(len(buf))})
	}
}
