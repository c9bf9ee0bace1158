package control

import (
	"context"
	"sync"
)

// keyedLocks is a lock for each machine, and one (key 0) for registrations. A
// waiter gives up when its context ends.
type keyedLocks struct {
	mu    sync.Mutex
	locks map[int]chan struct{}
}

func (k *keyedLocks) lock(ctx context.Context, key int) (unlock func(), err error) {
	k.mu.Lock()
	if k.locks == nil {
		k.locks = map[int]chan struct{}{}
	}
	l := k.locks[key]
	if l == nil {
		l = make(chan struct{}, 1)
		k.locks[key] = l
	}
	k.mu.Unlock()
	select {
	case l <- struct{}{}:
		return func() { <-l }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
