package control

import "context"

// watcher is one reader of changes. Its lock is present's.
type watcher struct{ ch chan int }

// tell never blocks: where the reader is slow, what it missed becomes 0.
func (w *watcher) tell(machine int) {
	select {
	case w.ch <- machine:
		return
	default:
	}
	for {
		select {
		case <-w.ch:
			continue
		default:
		}
		break
	}
	w.ch <- 0 // there is room now: only present's holder of the lock sends
}

// Watch sends the number of each machine that changed, until ctx ends; then the
// channel is closed. 0 means that numbers were missed.
func (c *Controller) Watch(ctx context.Context) <-chan int {
	w := &watcher{make(chan int, 64)}
	p := c.now
	p.mu.Lock()
	p.watchers[w] = struct{}{}
	p.mu.Unlock()
	context.AfterFunc(ctx, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.watchers, w)
		close(w.ch)
	})
	return w.ch
}
