package chain

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"slices"
)

// machine is what is known of one machine.
type machine struct {
	MAC string `json:"mac"` // lower case with colons
	// Attempts are the last ones, by way; Open is the way of the very last.
	Attempts map[way]*attempt `json:"attempts"`
	Open     way              `json:"open"`

	// fetched is set once the image was fetched whole in this attempt.
	fetched bool
}

var errNoBook = errors.New("this is no record of boot chains")

// parse reads a book: its machines, the one seen last at the end.
func parse(data []byte) ([]machine, error) {
	var machines []machine
	if err := json.Unmarshal(data, &machines); err != nil {
		return nil, fmt.Errorf("%w: %w", errNoBook, err)
	}
	if len(machines) > maxMachines {
		return nil, fmt.Errorf("%w: it has %d machines, and at most %d are kept", errNoBook, len(machines), maxMachines)
	}
	seen := map[string]bool{}
	for _, m := range machines {
		if err := m.check(); err != nil {
			return nil, err
		}
		if seen[m.MAC] {
			return nil, fmt.Errorf("%w: %s stands in it twice", errNoBook, m.MAC)
		}
		seen[m.MAC] = true
	}
	return machines, nil
}

func (m machine) check() error {
	mac, err := net.ParseMAC(m.MAC)
	if err != nil || len(mac) != 6 || mac.String() != m.MAC {
		return fmt.Errorf("%w: %q is no machine's address", errNoBook, m.MAC)
	}
	if m.Attempts[m.Open] == nil {
		return fmt.Errorf("%w: %s has no last attempt", errNoBook, m.MAC)
	}
	for w, a := range m.Attempts {
		if w == wayBIOS || a == nil || !slices.Contains(w.chains(), a.Chain) || a.Failed < 0 || a.Reach < begun || a.Reach > ended {
			return fmt.Errorf("%w: %s has an attempt that cannot be", errNoBook, m.MAC)
		}
	}
	return nil
}

func (b *Book) marshal() ([]byte, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	machines := make([]*machine, 0, b.order.Len())
	for e := b.order.Front(); e != nil; e = e.Next() {
		machines = append(machines, e.Value.(*machine))
	}
	return json.MarshalIndent(machines, "", "\t")
}
