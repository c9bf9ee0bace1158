package erase

import (
	"context"
	"sync"
	"sync/atomic"

	"regain.example/agent/drive"
	"regain.example/agent/proof"
)

// inFlight is how many requests are under way at once for one drive: enough to
// keep it busy while the pattern of the next ones is made, and 8 MiB of memory
// a drive with requests of one unit.
const inFlight = 8

// eachUnit calls do for every unit of a drive from the first one on, about in
// order.
func eachUnit(ctx context.Context, first uint64, size int64, do func(buf []byte, index uint64) error) error {
	units := uint64((size + proof.Unit - 1) / proof.Unit)
	return inParallel(ctx, units-min(first, units), proof.Unit, func(buf []byte, n uint64) error {
		index := first + n
		return do(buf[:min(proof.Unit, size-int64(index)*proof.Unit)], index)
	})
}

// inParallel calls do for every index below n, about in order, from several
// goroutines, each with a buffer of its own. It ends at the first error, or with
// the cause of ctx.
func inParallel(ctx context.Context, n uint64, bufBytes int, do func(buf []byte, index uint64) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var next atomic.Uint64
	var workers sync.WaitGroup
	for range min(inFlight, n) {
		workers.Go(func() {
			buf := drive.Buffer(bufBytes)
			for ctx.Err() == nil {
				index := next.Add(1) - 1
				if index >= n {
					return
				}
				if err := do(buf, index); err != nil {
					cancel(err)
				}
			}
		})
	}
	workers.Wait()
	return context.Cause(ctx)
}
