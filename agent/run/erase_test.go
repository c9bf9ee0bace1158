package run

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"regain.example/agent/api"
	"regain.example/agent/console"
	"regain.example/agent/erase"
)

func TestErase(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one, two := disk("sda", "1"), disk("sdb", "2")
		b := newBench(one, two)
		follow(t, b, func(a *Agent) {
			a.Order(eraseOrder(two, one))
			time.Sleep(29 * time.Second)
			synctest.Wait()
			if len(b.erased) != 0 {
				t.Error("erased before the countdown was over")
			}
			if b.shown().Countdown != 1 || b.shown().Mood != console.Caution {
				t.Errorf("the screen shows %+v", b.shown())
			}
			time.Sleep(2 * time.Second)
		})
		if len(b.erased) != 2 || b.journal != nil {
			t.Errorf("erased %v, journal %v", b.erased, b.journal)
		}
		want := "phase-began:countdown phase-ended:countdown drive-evidence drive-evidence"
		if got := b.told(); got != want {
			t.Errorf("told %q, want %q", got, want)
		}
	})
}

func TestCountdownStopped(t *testing.T) {
	one := disk("sda", "1")
	for name, test := range map[string]struct {
		stop func(a *Agent, b *bench)
		by   string
	}{
		"by a key":         {func(_ *Agent, b *bench) { b.keys <- struct{}{} }, "bench"},
		"from the page":    {func(a *Agent, _ *bench) { a.Order(api.Order{Kind: api.OrderStop}) }, "page"},
		"by another order": {func(a *Agent, _ *bench) { a.Order(api.Order{Kind: api.OrderWait}) }, "page"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(one)
				follow(t, b, func(a *Agent) {
					a.Order(eraseOrder(one))
					time.Sleep(10 * time.Second)
					test.stop(a, b)
					time.Sleep(time.Hour)
				})
				if len(b.erased) != 0 {
					t.Error("erased after it was stopped")
				}
				for _, r := range b.reports {
					if r.Kind == api.ReportStopped && strings.HasPrefix(r.Message, test.by) {
						return
					}
				}
				t.Errorf("told %+v", b.reports)
			})
		})
	}
}

// A key that was pressed before the countdown stops nothing.
func TestKeyBeforeCountdown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one := disk("sda", "1")
		b := newBench(one)
		b.keys <- struct{}{}
		follow(t, b, func(a *Agent) { a.Order(eraseOrder(one)); time.Sleep(time.Minute) })
		if len(b.erased) != 1 {
			t.Errorf("erased %v, told %q", b.erased, b.told())
		}
	})
}

// A key that is pressed when the countdown has just ended, while the drives are
// looked at again, stops the work as one before: the screen still offers it.
func TestKeyAtTheEndOfTheCountdown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one := disk("sda", "1")
		b := newBench(one)
		b.looking = func() { b.keys <- struct{}{} } // that of before the countdown is forgotten
		follow(t, b, func(a *Agent) { a.Order(eraseOrder(one)); time.Sleep(time.Minute) })
		if len(b.erased) != 0 || b.journaled != 0 {
			t.Errorf("erased %v, journaled %d times", b.erased, b.journaled)
		}
		if r := b.only(t, api.ReportStopped); !strings.HasPrefix(r.Message, "bench") || !strings.Contains(r.Message, "nothing was erased") {
			t.Errorf("told %+v", r)
		}
	})
}

func TestStopDuringErasure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one := disk("sda", "1")
		b := newBench(one)
		b.erasing = untilCancelled
		follow(t, b, func(a *Agent) {
			a.Order(eraseOrder(one))
			time.Sleep(time.Minute)
			a.Order(api.Order{Kind: api.OrderWait}) // does not stop what has begun
			time.Sleep(time.Minute)
			synctest.Wait()
			if got := b.told(); strings.Contains(got, "evidence") {
				t.Errorf("an order to wait ended the work: %q", got)
			}
			a.Order(api.Order{Kind: api.OrderStop})
			time.Sleep(time.Second)
		})
		if e := b.only(t, api.ReportDrive).Erase; e.Stopped == "" {
			t.Errorf("evidence %+v", e)
		}
		b.only(t, api.ReportStopped)
		if b.journal == nil {
			t.Error("work that was stopped is forgotten: a crash now would not be told")
		}
	})
}

func TestPanicIsUnknown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one, two := disk("sda", "1"), disk("sdb", "2")
		b := newBench(one, two)
		b.erasing = func(_ context.Context, d api.Drive, _ *erasure) erase.Result {
			if d.Node == "sda" {
				panic("bug")
			}
			return erase.Result{Evidence: api.DriveEvidence{Drive: d.ID(), Before: d, Attempts: []api.Attempt{{}}}}
		}
		var zero bool
		follow(t, b, func(a *Agent) {
			a.Order(eraseOrder(one, two))
			time.Sleep(time.Minute)
			zero = a.stock.isZero(one.ID())
		})
		stopped := map[api.DriveID]string{}
		for _, r := range b.reports {
			if r.Erase != nil {
				stopped[r.Drive] = r.Erase.Stopped
			}
		}
		if len(stopped) != 2 || !strings.Contains(stopped[one.ID()], "crashed") || stopped[two.ID()] != "" || zero {
			t.Errorf("stopped: %v, zero read: %v", stopped, zero)
		}
	})
}

// Registered again in the midst, the controller repeats its order: the drives
// are not erased a second time.
func TestSameOrderAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one := disk("sda", "1")
		b := newBench(one)
		b.erasing = untilCancelled
		follow(t, b, func(a *Agent) {
			a.Order(eraseOrder(one))
			time.Sleep(time.Minute)
			a.Registered(api.MachineLabel{Number: 3})
			a.Order(eraseOrder(one))
			time.Sleep(time.Minute)
			synctest.Wait()
			if held := a.Holds(); len(held) != 1 || held[0] != one.ID() {
				t.Errorf("holds %v", held)
			}
		})
		if len(b.erased) != 1 {
			t.Errorf("erased %v", b.erased)
		}
	})
}

func TestAcceptedDriveIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one, two := disk("sda", "1"), disk("sdb", "2")
		b := newBench(one, two)
		o := eraseOrder(one, two)
		o.Erase.Drives[0].Accepted = true
		follow(t, b, func(a *Agent) { a.Order(o); time.Sleep(time.Minute) })
		if len(b.erased) != 1 || b.erased[0] != two.ID() {
			t.Errorf("erased %v", b.erased)
		}
	})
}

// After a crash only the drives whose evidence the controller lacks are unknown.
func TestJournalHoldsWhatIsNotKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one, two, three := disk("sda", "1"), disk("sdb", "2"), disk("sdc", "3")
		b := newBench(one, two, three)
		b.erasing = func(ctx context.Context, d api.Drive, e *erasure) erase.Result {
			if d.Node == "sdb" {
				return untilCancelled(ctx, d, e)
			}
			return erase.Result{Evidence: api.DriveEvidence{Drive: d.ID(), Before: d}}
		}
		o := eraseOrder(one, two, three)
		o.Erase.Drives[2].Accepted = true
		follow(t, b, func(a *Agent) {
			a.Order(o)
			time.Sleep(time.Minute)
			synctest.Wait()
			if left := b.journal.Drives; len(left) != 1 || left[0].Node != "sdb" {
				t.Errorf("the journal holds %v", left)
			}
		})
	})
}

// An order to stop is always answered, once.
func TestStopWithNothingUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		follow(t, b, func(a *Agent) { a.Order(api.Order{Kind: api.OrderStop}); time.Sleep(time.Minute) })
		if b.told() != "stopped" {
			t.Errorf("told %q", b.told())
		}
	})
}

func TestStopDuringCountdownIsToldOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one := disk("sda", "1")
		b := newBench(one)
		follow(t, b, func(a *Agent) {
			a.Order(eraseOrder(one))
			time.Sleep(20 * time.Second)
			a.Order(api.Order{Kind: api.OrderStop})
			time.Sleep(time.Minute)
		})
		b.only(t, api.ReportStopped)
	})
}
