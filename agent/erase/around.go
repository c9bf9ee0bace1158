package erase

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"regain.example/agent/api"
	"regain.example/agent/drive"
)

const (
	// leastRetry is the smallest piece that a failed request is cut into: the
	// physical sector of nearly all drives.
	leastRetry = 4096
	// maxRanges bounds the evidence. Beyond it, neighbours are joined: more
	// is then called bad than is, never less.
	maxRanges = 512
	// maxBadBytes ends the work on a drive that fails all along; each failed
	// request may have taken the kernel half a minute.
	maxBadBytes = 16 << 20
)

// around does op on a piece of the drive, and where that fails on its halves,
// down to leastRetry; what fails then is added to bad. It returns an error only
// if it makes no sense to go on.
func around(ctx context.Context, buf []byte, off int64, bad *ranges, op func([]byte, int64) error) error {
	err := op(buf, off)
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if errors.Is(err, drive.ErrGone) {
		return err
	}
	if len(buf) <= leastRetry {
		return bad.add(off, len(buf), err)
	}
	half := (len(buf)/2 + leastRetry - 1) / leastRetry * leastRetry
	if err := around(ctx, buf[:half], off, bad, op); err != nil {
		return err
	}
	return around(ctx, buf[half:], off+int64(half), bad, op)
}

// ranges collects the parts of a drive on which I/O failed.
type ranges struct {
	mu    sync.Mutex
	list  []api.Range // ascending, apart from each other
	bytes int64
}

func (r *ranges) add(off int64, length int, cause error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.bytes += int64(length)
	r.list = append(r.list, api.Range{Offset: uint64(off), Length: uint64(length)})
	slices.SortFunc(r.list, func(a, b api.Range) int { return cmp.Compare(a.Offset, b.Offset) })
	r.join(0)
	for gap := uint64(leastRetry); len(r.list) > maxRanges; gap *= 2 {
		r.join(gap)
	}
	if r.bytes > maxBadBytes {
		return fmt.Errorf("the drive failed on %d bytes and is given up: %w", r.bytes, cause)
	}
	return nil
}

// join makes one of ranges that are no more than gap bytes apart.
func (r *ranges) join(gap uint64) {
	joined := r.list[:0]
	for _, next := range r.list {
		if n := len(joined) - 1; n >= 0 && next.Offset <= joined[n].Offset+joined[n].Length+gap {
			joined[n].Length = max(joined[n].Length, next.Offset+next.Length-joined[n].Offset)
			continue
		}
		joined = append(joined, next)
	}
	r.list = joined
}

func (r *ranges) all() []api.Range {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.list)
}
