package erase

import "sync"

// frontier follows work that is done about in order by several goroutines: every
// unit before it is done.
type frontier struct {
	mu    sync.Mutex
	next  uint64
	ahead map[uint64]bool // done beyond next
}

func newFrontier(next uint64) *frontier {
	return &frontier{next: next, ahead: map[uint64]bool{}}
}

func (f *frontier) done(unit uint64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ahead[unit] = true
	for f.ahead[f.next] {
		delete(f.ahead, f.next)
		f.next++
	}
}

// at returns the first unit that is not known to be done.
func (f *frontier) at() uint64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.next
}
