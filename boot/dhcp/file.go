package dhcp

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"slices"

	"regain.example/boot/internal/durable"
)

// SaveError says that the leases could not be written.
type SaveError struct{ Err error }

// Error names the file and what to do.
func (e *SaveError) Error() string {
	return fmt.Sprintf("write the leases: %v; make room or correct the permissions; until then no machine is given an address", e.Err)
}

// Unwrap returns the cause.
func (e *SaveError) Unwrap() error { return e.Err }

// load reads the leases. A damaged file is an error and not an empty table:
// giving a running machine's address to another would cut a job.
func load(file string) ([]Lease, error) {
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the leases: %w", err)
	}
	var leases []Lease
	if err := json.Unmarshal(data, &leases); err != nil {
		return nil, fmt.Errorf("read the leases in %s: %w; if no machine is running, remove the file", file, err)
	}
	for _, l := range leases {
		mac, err := net.ParseMAC(l.MAC)
		if err != nil || mac.String() != l.MAC || !l.Addr.Is4() {
			return nil, fmt.Errorf("read the leases in %s: %q at %s is no lease; if no machine is running, remove the file", file, l.MAC, l.Addr)
		}
	}
	return leases, nil
}

// save replaces the file, and returns the number of the last change in it. The
// whole table is written each time: it is small (100 to 400 bytes for a
// machine), and one write serves all who wait for it.
func (t *Table) save() (uint64, error) {
	leases, change := t.accepted()
	slices.SortFunc(leases, func(a, b Lease) int { return a.Addr.Compare(b.Addr) })
	data, err := json.MarshalIndent(leases, "", "\t")
	if err == nil {
		err = durable.Replace(t.file, data)
	}
	if err != nil {
		return change, &SaveError{err}
	}
	return change, nil
}

// accepted returns copies of the leases that are no mere offers.
func (t *Table) accepted() ([]Lease, uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	leases := []Lease{}
	for _, l := range t.byAddr {
		if !l.offered {
			leases = append(leases, *l)
		}
	}
	return leases, t.change
}
