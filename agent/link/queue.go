package link

import (
	"context"
	"sync"

	"regain.example/agent/api"
)

// batch is the most reports that one request carries. Evidence may take some
// hundred KiB: a request carries one at most, its last.
const batch = 32

// queue holds the reports that are not yet on the controller's disk, in order.
// Their numbers follow from the session's: the first is numbered base+1.
type queue struct {
	mu      sync.Mutex
	base    uint64 // highest number that the session has on disk
	waiting []api.Report
	changed chan struct{} // closed and replaced at every change
}

func newQueue() *queue { return &queue{changed: make(chan struct{})} }

func (q *queue) add(r api.Report) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting = append(q.waiting, r)
	q.wake()
}

// wake must be called with mu held.
func (q *queue) wake() {
	close(q.changed)
	q.changed = make(chan struct{})
}

// restart numbers what is waiting from base+1 on, for a new session.
func (q *queue) restart(base uint64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.base = base
	q.wake()
}

// acknowledge forgets the reports up to durable and reports whether there were
// any.
func (q *queue) acknowledge(durable uint64) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if durable <= q.base || len(q.waiting) == 0 {
		return false
	}
	n := min(durable-q.base, uint64(len(q.waiting)))
	q.waiting = append([]api.Report(nil), q.waiting[n:]...)
	q.base += n
	q.wake()
	return true
}

// first returns the first reports that wait, numbered.
func (q *queue) first() []api.Report {
	q.mu.Lock()
	defer q.mu.Unlock()
	var out []api.Report
	for _, r := range q.waiting[:min(batch, len(q.waiting))] {
		r.Seq = q.base + uint64(len(out)) + 1
		out = append(out, r)
		if r.Erase != nil || r.Install != nil {
			break
		}
	}
	return out
}

// filled waits until something is waiting, and drained until nothing is.
func (q *queue) filled(ctx context.Context) error {
	return q.until(ctx, func(n int) bool { return n > 0 })
}

func (q *queue) drained(ctx context.Context) error {
	return q.until(ctx, func(n int) bool { return n == 0 })
}

func (q *queue) until(ctx context.Context, done func(waiting int) bool) error {
	for {
		q.mu.Lock()
		ok, changed := done(len(q.waiting)), q.changed
		q.mu.Unlock()
		if ok {
			return nil
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-changed:
		}
	}
}
