//go:build vm && long

package jobs

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"regain.example/cmd/internal/vbench"
	"regain.example/imager"
	"regain.example/imager/bootwatch"
)

// TestRival: a second DHCP server appears while the bench is at work. It is named
// on the page, the machine at work goes on, a new one is told what keeps it from
// its agent, and comes to it once that server is gone.
func TestRival(t *testing.T) {
	b := newBench(t, 8*time.Minute, settings{})
	first := b.plugAs(vbench.BIOS, vbench.Config{Name: "first", Drives: []vbench.Drive{b.drive(vbench.SATA, "FIRST", 8<<20)}})
	b.powerOn(first)
	b.registered(1)

	rival := b.siteDHCP("10.77.0.200", "10.77.0.220")
	b.rivals(netip.MustParseAddr("10.77.0.2"))
	second := b.plugAs(vbench.BIOS, vbench.Config{Name: "second", Drives: []vbench.Drive{b.drive(vbench.SATA, "SECOND", 8<<20)}})
	b.powerOn(second)
	b.seen(second, "is in the rival's hands", func(s imager.Boot) bool {
		return s.Trouble != nil && slices.Contains([]bootwatch.Kind{bootwatch.Rival, bootwatch.Elsewhere}, bootwatch.Kind(s.Trouble.Kind))
	})
	b.registered(1)
	if all, err := b.Client().Machines(b.ctx); err != nil || len(all) != 1 {
		t.Errorf("%d machines have registered, %v", len(all), err)
	}

	rival.Kill()
	b.rivals()
	if err := second.Reset(); err != nil {
		t.Fatal(err)
	}
	b.registered(2)
}

// rivals waits until the page names these other DHCP servers.
func (b *bench) rivals(want ...netip.Addr) {
	b.t.Helper()
	var last imager.Boots
	for ; b.ctx.Err() == nil; time.Sleep(time.Second) {
		var err error
		if last, err = b.Client().Boots(b.ctx); err != nil {
			b.t.Fatal(err)
		}
		if slices.Equal(last.Rivals, want) {
			return
		}
	}
	b.t.Fatalf("the page names the DHCP servers %v, want %v", last.Rivals, want)
}
