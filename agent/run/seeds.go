package run

import (
	"bytes"
	"slices"
	"sync"

	"regain.example/agent/api"
)

// seeds are the sample seeds that the orders of one job have brought.
type seeds struct {
	mu      sync.Mutex
	job     string
	newest  map[api.DriveID][]byte
	spent   map[api.DriveID][][]byte
	changed chan struct{} // closed and replaced at every change
}

func newSeeds() *seeds { return &seeds{changed: make(chan struct{})} }

// take keeps what an order says of its drives.
func (s *seeds) take(o *api.EraseOrder) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if o.Job != s.job {
		s.job, s.spent = o.Job, map[api.DriveID][][]byte{}
	}
	s.newest = map[api.DriveID][]byte{}
	for _, d := range o.Drives {
		s.newest[d.Drive] = d.SampleSeed
	}
	close(s.changed)
	s.changed = make(chan struct{})
}

// spend makes what is known of a drive void: the next seed is another.
func (s *seeds) spend(drive api.DriveID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.void(drive)
}

// void is called with mu held.
func (s *seeds) void(drive api.DriveID) {
	if seed := s.newest[drive]; len(seed) > 0 {
		s.spent[drive] = append(s.spent[drive], seed)
	}
}

// use returns the seed of a drive, once, or a channel that is closed when there
// is news.
func (s *seeds) use(drive api.DriveID) ([]byte, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	seed := s.newest[drive]
	if len(seed) == 0 || slices.ContainsFunc(s.spent[drive], func(old []byte) bool { return bytes.Equal(old, seed) }) {
		return nil, s.changed
	}
	s.void(drive)
	return seed, nil
}
