package dhcp

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"sync"
	"testing"

	"regain.example/boot"
)

// TestOneWriteServesAllWhoWait: while a write is under way, others gather, and the
// next write serves all of them.
func TestOneWriteServesAllWhoWait(t *testing.T) {
	var j journal
	var mu sync.Mutex
	var change uint64
	writes := 0
	first, release := make(chan struct{}), make(chan struct{})
	save := func() (uint64, error) {
		mu.Lock()
		defer mu.Unlock()
		writes++
		return change, nil
	}
	begin := func() uint64 {
		mu.Lock()
		defer mu.Unlock()
		change++
		return change
	}
	var all sync.WaitGroup
	one := begin()
	all.Go(func() {
		if err := j.commit(one, func() (uint64, error) { close(first); <-release; writes++; return one, nil }); err != nil {
			t.Error(err)
		}
	})
	<-first
	for range 40 {
		n := begin()
		all.Go(func() {
			if err := j.commit(n, save); err != nil {
				t.Error(err)
			}
		})
	}
	close(release)
	all.Wait()
	if writes != 2 {
		t.Errorf("41 changes took %d writes", writes)
	}
}

// TestAFailedWriteFailsAllItHeld, and nobody else.
func TestAFailedWriteFailsAllItHeld(t *testing.T) {
	var j journal
	full := errors.New("no space left on device")
	fail := func() (uint64, error) { return 3, full }
	for n := uint64(1); n <= 3; n++ {
		if err := j.commit(n, fail); !errors.Is(err, full) {
			t.Errorf("change %d: %v", n, err)
		}
	}
	if err := j.commit(4, func() (uint64, error) { return 4, nil }); err != nil {
		t.Error(err)
	}
	if err := j.commit(0, fail); err != nil {
		t.Errorf("no change: %v", err)
	}
}

// TestClaimIsOnDisk at the moment at which it returns.
func TestClaimIsOnDisk(t *testing.T) {
	file := leaseFile(t)
	table := open(t, file, ten(), newClock())
	var all sync.WaitGroup
	for i := range byte(10) {
		all.Go(func() {
			a := ip(fmt.Sprintf("10.77.0.10%d", i))
			if err := table.Claim(client(i), ten(), a); err != nil {
				t.Error(err)
				return
			}
			on, err := OpenTable(file, leaseTime, newClock().Now, ten())
			if err != nil {
				t.Error(err)
				return
			}
			if c, known := on.Client(a); !known || c.MAC.String() != mac(i).String() {
				t.Errorf("%s is not on disk when it is given", a)
			}
		})
	}
	all.Wait()
}

// FuzzLoad: what a power cut or a hand may leave in the file.
func FuzzLoad(f *testing.F) {
	f.Add([]byte(`[{"addr":"10.77.0.100","mac":"52:54:00:00:00:01","expires":"2026-01-01T00:00:00Z","arch":7}]`))
	f.Add([]byte(`[{"addr":"::1"`))
	f.Fuzz(func(t *testing.T, text []byte) {
		file := leaseFile(t)
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
		table, err := OpenTable(file, leaseTime, newClock().Now, ten())
		if err != nil {
			return
		}
		if a, err := table.Offer(boot.Client{MAC: mac(1)}, ten(), netip.Addr{}); err == nil && !ten().Contains(a) {
			t.Errorf("offered %s", a)
		}
	})
}
