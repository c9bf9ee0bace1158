package run

import (
	"context"
	"slices"
	"sync"

	"regain.example/agent/api"
)

// stock is what the agent knows of its machine in this boot.
type stock struct {
	mu        sync.Mutex
	inventory api.Inventory
	holds     []api.DriveID
	zeros     map[api.DriveID]bool // read as zeros from end to end, not written since
}

// take takes stock of the machine and remembers it.
func (a *Agent) take(ctx context.Context) (api.Inventory, error) {
	inv, err := a.Machine.Inventory(ctx)
	if err != nil {
		return api.Inventory{}, err
	}
	a.stock.mu.Lock()
	defer a.stock.mu.Unlock()
	a.stock.inventory = inv
	return inv, nil
}

// Inventory is what was found at the last look.
func (a *Agent) Inventory() api.Inventory {
	a.stock.mu.Lock()
	defer a.stock.mu.Unlock()
	return a.stock.inventory
}

// Holds lists the drives that were worked on in this boot.
func (a *Agent) Holds() []api.DriveID {
	a.stock.mu.Lock()
	defer a.stock.mu.Unlock()
	return slices.Clone(a.stock.holds)
}

// hold notes that a drive is about to be written to.
func (s *stock) hold(id api.DriveID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.zeros, id)
	if !slices.Contains(s.holds, id) {
		s.holds = append(s.holds, id)
	}
}

// erased notes whether the drive was read as zeros after its erasure.
func (s *stock) erased(id api.DriveID, zeroRead bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.zeros == nil {
		s.zeros = map[api.DriveID]bool{}
	}
	s.zeros[id] = zeroRead
}

func (s *stock) isZero(id api.DriveID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.zeros[id]
}
