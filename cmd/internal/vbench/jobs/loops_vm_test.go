//go:build vm && long

package jobs

import (
	"slices"
	"testing"
	"time"

	"regain.example/agent/api"
	"regain.example/boot"
	"regain.example/cmd/internal/vbench"
	"regain.example/imager"
)

// TestNoLoops: a machine whose job was stopped boots nothing, by iPXE and by GRUB,
// and has the agent without a new power-on when an operator releases it. One that
// loses its power before the agent registers is held at its fourth boot, until an
// operator lets it boot again.
func TestNoLoops(t *testing.T) {
	for _, firmware := range []vbench.Firmware{vbench.BIOS, vbench.SecureBoot} {
		t.Run(string(firmware), func(t *testing.T) {
			b := newBench(t, 9*time.Minute, settings{})
			drive := b.drive(vbench.SATA, "STOPPED", 64<<20)
			drive.BytesPerSecond = slow
			m := b.plugAs(firmware, vbench.Config{Name: "bench-1", Drives: []vbench.Drive{drive}})
			b.powerOn(m)
			b.approve(b.registered(1))
			b.await(1, "erases", under(api.PhaseErase))
			if err := b.Client().Stop(b.ctx, 1, "the wrong machine"); err != nil {
				t.Fatal(err)
			}
			v := b.state(1, imager.JobCancelled)
			m.PowerCut()

			b.powerOn(m)
			b.seen(m, "is told to boot nothing", func(s imager.Boot) bool { return s.Stage == string(boot.StageRefused) && !s.Held })
			time.Sleep(5 * time.Second)
			b.screen(m, string(firmware)+"-cancelled")
			if err := b.Client().Release(b.ctx, 1); err != nil {
				t.Fatal(err)
			}
			began := time.Now()
			v = b.await(1, "registers by itself", func(now imager.View) bool { return now.Machine.Session != v.Machine.Session && now.Online })
			t.Logf("%s: %.0f s from the release to the registration", firmware, time.Since(began).Seconds())
			m.PowerCut()
			if firmware == vbench.SecureBoot {
				// Its chain would change after the second cut: see boot/chain.
				return
			}

			for range 3 {
				last := time.Now()
				b.powerOn(m)
				b.seen(m, "has fetched the agent", func(s imager.Boot) bool {
					return s.Stage == string(boot.StageInitramfs) && s.At.After(last)
				})
				m.PowerCut()
			}
			b.powerOn(m)
			b.seen(m, "is held", func(s imager.Boot) bool { return s.Held && s.Trouble != nil })
			time.Sleep(5 * time.Second)
			b.screen(m, string(firmware)+"-held")
			if now := b.await(1, "is known", func(imager.View) bool { return true }); now.Machine.Session != v.Machine.Session {
				t.Error("the agent registered in a boot that was cut")
			}
			if err := b.Client().BootAgain(b.ctx, m.MAC()); err != nil {
				t.Fatal(err)
			}
			b.await(1, "registers by itself", func(now imager.View) bool { return now.Machine.Session != v.Machine.Session && now.Online })
		})
	}
}

// seen waits until the boot servers have seen the machine come to something.
func (b *bench) seen(m *vbench.Machine, what string, is func(imager.Boot) bool) {
	b.t.Helper()
	var last imager.Boots
	for ; b.ctx.Err() == nil; time.Sleep(100 * time.Millisecond) {
		all, err := b.Client().Boots(b.ctx)
		if err != nil {
			b.t.Fatal(err)
		}
		last = all
		if slices.ContainsFunc(all.Clients, func(s imager.Boot) bool { return s.MAC == m.MAC() && is(s) }) {
			return
		}
	}
	b.t.Fatalf("%s does not come to this: it %s; seen is %+v", m.MAC(), what, last)
}
