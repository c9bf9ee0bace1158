package run

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"

	"regain.example/agent/api"
	"regain.example/agent/erase"
)

// FileJournal is a Journal in a file that outlives the agent, but not the boot.
type FileJournal string

// Begin writes the file.
func (f FileJournal) Begin(u Unfinished) error {
	data, err := json.Marshal(u)
	if err != nil {
		return fmt.Errorf("write journal: %w", err)
	}
	if err := os.WriteFile(string(f)+".new", data, 0o600); err != nil {
		return fmt.Errorf("write journal: %w", err)
	}
	if err := os.Rename(string(f)+".new", string(f)); err != nil {
		return fmt.Errorf("write journal: %w", err)
	}
	return nil
}

// End removes the file.
func (f FileJournal) End() error {
	if err := os.Remove(string(f)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("end journal: %w", err)
	}
	return nil
}

// Left returns the work that an earlier agent of this boot left unfinished, nil
// if there is none.
func (f FileJournal) Left() (*Unfinished, error) {
	data, err := os.ReadFile(string(f))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read journal: %w", err)
	}
	u := new(Unfinished)
	if err := json.Unmarshal(data, u); err != nil {
		return nil, fmt.Errorf("read journal: %w", err)
	}
	return u, nil
}

// remaining is the part of an erasure whose evidence the controller does not
// have yet: what would be lost in a crash.
type remaining struct {
	journal Journal
	mu      sync.Mutex
	work    Unfinished
}

func (r *remaining) write() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.journal.Begin(r.work)
}

// done strikes a drive out.
func (r *remaining) done(id api.DriveID) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.work.Drives = slices.DeleteFunc(slices.Clone(r.work.Drives), func(d api.Drive) bool { return d.ID() == id })
	return r.journal.Begin(r.work)
}

// unaccepted are the drives that are to be erased.
func unaccepted(work []erase.Work) []api.Drive {
	var out []api.Drive
	for _, w := range work {
		if !w.Order.Accepted {
			out = append(out, w.Drive)
		}
	}
	return out
}
