package hostile

import (
	"testing"
	"time"

	"regain.example/boot"
)

// TestQuietBench is what the others are compared with: nobody misbehaves, and
// machines of both kinds come to their agent.
func TestQuietBench(t *testing.T) {
	s := newSite(t)
	for _, arch := range []boot.Arch{boot.ArchBIOS, boot.ArchEFI64} {
		m := s.newMachine(s.good, arch)
		check(t, m.powerOn())
		began := time.Now()
		number, err := m.boot(t.Context())
		if err != nil {
			t.Fatalf("%s: %v", arch, err)
		}
		t.Logf("%s: machine %d after %s", arch, number, time.Since(began).Round(time.Millisecond))
	}
	if err := solicit(s.bad); err != nil {
		t.Errorf("router solicitation: %v", err)
	}
	s.stop(t)
}
