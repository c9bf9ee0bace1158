package install

import (
	"context"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
)

// workers is how many frames are under way at once. While the image is written
// each takes two buffers of about 4 MiB, and all share one of zeros: 54 MiB.
const workers = 6

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
