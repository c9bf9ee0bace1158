package dhcp

import "sync"

// journal counts the table's changes and how many of them are on disk, so that
// one write serves all who wait: forty machines that take an address within a
// second cost a few writes, not forty.
type journal struct {
	mu    sync.Mutex
	tried uint64 // the last change that a write held
	err   error  // of that write
}

// commit returns once change n is on disk; 0 stands for no change. save writes the table as it is now,
// and tells the number of the last change in it.
func (j *journal) commit(n uint64, save func() (uint64, error)) error {
	if n == 0 {
		return nil
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.tried < n {
		j.tried, j.err = save()
	}
	return j.err
}
