package install

import (
	"context"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
)

// workers is how many rows of frames are under way at once: one or two that are
// fetched and decompressed while another is written. While the image is written
// each takes nine buffers of 4 MiB, and all share one of zeros: 112 MiB.
const workers = 3

// task does the i-th piece of work.
type task func(ctx context.Context, i int) error

// parallel does n pieces of work, several at once, each worker with a task (and
// its buffers) of its own. The first error stops all.
func parallel(ctx context.Context, n int, newTask func() (task, error)) error {
	var next atomic.Int64
	g, ctx := errgroup.WithContext(ctx)
	for range min(workers, n) {
		g.Go(func() error {
			do, err := newTask()
			if err != nil {
				return err
			}
			for {
				i := int(next.Add(1)) - 1
				if i >= n {
					return nil
				}
				if ctx.Err() != nil {
					return ctx.Err()
				}
				if err := do(ctx, i); err != nil {
					return err
				}
			}
		})
	}
	return g.Wait()
}
