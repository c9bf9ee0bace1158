package run

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"regain.example/agent/api"
	"regain.example/agent/console"
)

// A fresh sampling of accepted drives erases nothing: no countdown, and nothing
// for a crash to leave behind.
func TestRecheckAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one, two := disk("sda", "1"), disk("sdb", "2")
		b := newBench(one, two)
		o := seeded(eraseOrder(one, two), 1, 2)
		for i := range o.Erase.Drives {
			o.Erase.Drives[i].Accepted = true
		}
		follow(t, b, func(a *Agent) {
			a.stock.erased(one.ID(), true)
			a.Order(o)
			time.Sleep(time.Second)
			synctest.Wait()
			if b.shown().Countdown != 0 || b.count(api.ReportDrive) != 2 || !a.stock.isZero(one.ID()) || len(a.Holds()) != 0 {
				t.Errorf("told %q, holds %v, screen %+v", b.told(), a.Holds(), b.shown())
			}
			if b.journaled != 0 {
				t.Errorf("%d times something was to be left behind by a crash", b.journaled)
			}
			a.Order(o) // sent again: with the same seeds nothing is left to do
			time.Sleep(time.Minute)
			a.Order(seeded(o, 1, 3)) // another sampling of one of them
			time.Sleep(time.Minute)
		})
		if b.told() != "drive-evidence drive-evidence drive-evidence" || len(b.erased) != 0 {
			t.Errorf("told %q, erased %v", b.told(), b.erased)
		}
	})
}

// Negative control: the set of drives counts for a fresh sampling, too.
func TestRecheckOfOtherDrives(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one, two := disk("sda", "1"), disk("sdb", "2")
		b := newBench(one, two)
		o := seeded(eraseOrder(one), 1)
		o.Erase.Drives[0].Accepted = true
		follow(t, b, func(a *Agent) { a.Order(o); time.Sleep(time.Minute) })
		if b.told() != "drives-changed" {
			t.Errorf("told %q", b.told())
		}
	})
}

// An order that was under way in the network when the evidence arrived must not
// erase the drive again.
func TestLateOrderErasesNothingTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one := disk("sda", "1")
		b := newBench(one)
		follow(t, b, func(a *Agent) {
			for range 3 {
				a.Order(eraseOrder(one))
				time.Sleep(time.Minute)
			}
			other := eraseOrder(one)
			other.Erase.Job = "J2" // another approval
			a.Order(other)
			time.Sleep(time.Minute)
		})
		if len(b.erased) != 2 {
			t.Errorf("erased %v", b.erased)
		}
	})
}

// What the order asks for beyond the work under way is done when that has ended.
func TestMoreIsAskedForMeanwhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one, two := disk("sda", "1"), disk("sdb", "2")
		b := newBench(one, two)
		b.erasing = untilSeed
		o := eraseOrder(one, two)
		o.Erase.Drives[0].Accepted = true
		follow(t, b, func(a *Agent) {
			a.Order(o)
			time.Sleep(time.Hour)
			a.Order(seeded(o, 4, 9))
			time.Sleep(time.Minute)
		})
		// The other drive, and then the sampling.
		if n := b.count(api.ReportDrive); n != 2 || len(b.erased) != 1 || b.shown().Mood != console.Calm {
			t.Errorf("told %q, erased %v", b.told(), b.erased)
		}
	})
}

// As each drive's evidence is accepted, the controller says so in the order. The
// last of these orders arrives when all is done, and the order to install just
// behind it.
func TestAcceptedMeanwhileIsNothingMoreToDo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one, two := disk("sda", "1"), disk("sdb", "2")
		b := newBench(one, two)
		b.erasing = untilSeed
		o := eraseOrder(one, two)
		installed := false
		b.install = func(context.Context, bool) api.InstallEvidence {
			installed = true
			return api.InstallEvidence{Drive: one.ID()}
		}
		follow(t, b, func(a *Agent) {
			a.Order(o)
			time.Sleep(time.Minute)
			a.Order(seeded(o, 1, 0))
			time.Sleep(time.Second)
			accepted := seeded(o, 0, 2)
			accepted.Erase.Drives[0].Accepted = true
			a.Order(accepted)
			time.Sleep(time.Second)
			all := seeded(o, 0, 0)
			for i := range all.Erase.Drives {
				all.Erase.Drives[i].Accepted = true
			}
			a.Order(all)
			a.Order(installOrder(one))
			time.Sleep(time.Minute)
		})
		if b.count(api.ReportDrive) != 2 || b.count(api.ReportStopped) != 0 || !installed {
			t.Errorf("told %q", b.told())
		}
	})
}
