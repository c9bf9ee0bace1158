//go:build vm && long

package jobs

import (
	"slices"
	"testing"
	"time"

	"regain.example/boot"
	"regain.example/cmd/internal/vbench"
	"regain.example/imager"
	"regain.example/imager/bootwatch"
)

// followed is what the page said of a machine.
type followed struct {
	stages   []string // without repetitions
	troubles []string
	tries    int
}

func (f *followed) see(c imager.Boot) {
	if len(f.stages) == 0 || f.stages[len(f.stages)-1] != c.Stage {
		f.stages = append(f.stages, c.Stage)
	}
	f.tries = max(f.tries, c.Tries)
	if c.Trouble != nil && !slices.Contains(f.troubles, c.Trouble.Kind) {
		f.troubles = append(f.troubles, c.Trouble.Kind)
	}
}

// booted powers a machine on and looks at the page until its agent has registered.
// look is called with each sight of the machine.
func (b *bench) booted(m *vbench.Machine, look func(imager.Boot)) (f followed) {
	b.t.Helper()
	began := time.Now()
	b.powerOn(m)
	for ; ; time.Sleep(200 * time.Millisecond) {
		all, err := b.Client().Boots(b.ctx)
		if err != nil {
			b.t.Fatalf("%v; so far %+v", err, f)
		}
		for _, c := range all.Clients {
			if c.MAC != m.MAC() {
				b.t.Errorf("the page shows %s, which nobody plugged in", c.MAC)
			}
			f.see(c)
			look(c)
		}
		views, err := b.Client().Machines(b.ctx)
		if err != nil {
			b.t.Fatalf("%v; so far %+v", err, f)
		}
		if len(views) > 0 && views[0].Online {
			break
		}
	}
	b.t.Logf("%.0f s, load %s: the page showed %q, troubles %q, %d tries", time.Since(began).Seconds(), load(b.t), f.stages, f.troubles, f.tries)
	if all, err := b.Client().Boots(b.ctx); err != nil || len(all.Clients) != 0 {
		b.t.Errorf("with its agent registered the page shows %+v, %v", all.Clients, err)
	}
	return f
}

// TestPageOfGoodBoots: real firmware and loaders that do well are shown stage by
// stage, as one try, and nothing is said against them.
func TestPageOfGoodBoots(t *testing.T) {
	for _, tt := range []struct {
		name     string
		firmware vbench.Firmware
		first    boot.Stage // QEMU's BIOS has iPXE in its ROM
	}{{"bios", vbench.BIOS, boot.StageScript}, {"uefi", vbench.UEFI, boot.StageLoader}} {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t, 4*time.Minute, settings{})
			m := b.plugAs(tt.firmware, vbench.Config{Name: tt.name, Drives: []vbench.Drive{b.drive(vbench.SATA, "ONLY-1", 8<<20)}})
			f := b.booted(m, func(imager.Boot) {})
			if len(f.troubles) != 0 || f.tries != 1 {
				t.Errorf("it boots well, and the page says %q after %d tries", f.troubles, f.tries)
			}
			for _, want := range []boot.Stage{tt.first, boot.StageKernel, boot.StageInitramfs} {
				if !slices.Contains(f.stages, string(want)) {
					t.Errorf("the page never showed %s", want)
				}
			}
		})
	}
}

// TestPageOfRefusedLoader: Secure Boot refuses iPXE, the page says so, and the
// next attempt leads to the agent, as the page promises.
func TestPageOfRefusedLoader(t *testing.T) {
	b := newBench(t, 6*time.Minute, settings{})
	m := b.plugAs(vbench.SecureBoot, vbench.Config{Name: "refused", Drives: []vbench.Drive{b.drive(vbench.SATA, "ONLY-1", 8<<20)}})
	b.remember(m, false, boot.ChainShim)
	again := false
	f := b.booted(m, func(c imager.Boot) {
		if c.Trouble != nil && !again {
			again = true
			if err := m.Reset(); err != nil {
				t.Error(err)
			}
		}
	})
	if len(f.troubles) == 0 || f.troubles[0] != string(bootwatch.IPXERefused) || f.tries < 2 {
		t.Errorf("the page said %q after %d tries", f.troubles, f.tries)
	}
}
