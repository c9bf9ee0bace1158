package erase

import (
	"context"
	"sync"
	"sync/atomic"

	"regain.example/agent/drive"
	"regain.example/agent/proof"
)

// inFlight is how many requests of proof.Unit bytes are under way at once for
// one drive: enough to keep it busy while the pattern of the next ones is made,
// and 8 MiB of memory a drive.
const inFlight = 8

// eachUnit calls do for every unit of a drive, about in order, from several
// goroutines, each with a buffer of its own as long as the unit. It ends at the
// first error, or with the cause of ctx.
func eachUnit(ctx context.Context, size int64, do func(buf []byte, index uint64) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	units := uint64((size + proof.Unit - 1) / proof.Unit)
	var next atomic.Uint64
	var workers sync.WaitGroup
	for range min(inFlight, units) {
		workers.Go(func() {
			buf := drive.Buffer(proof.Unit)
			for ctx.Err() == nil {
				index := next.Add(1) - 1
				if index >= units {
					return
				}
				length := min(proof.Unit, size-int64(index)*proof.Unit)
				if err := do(buf[:length], index); err != nil {
					cancel(err)
				}
			}
		})
	}
	workers.Wait()
	return context.Cause(ctx)
}
