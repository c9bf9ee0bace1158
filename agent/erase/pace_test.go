package erase

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"regain.example/agent/api"
)

// slow is a bench whose disk takes so long for each request.
func slow(size int, each time.Duration) *bench {
	b := newBench(size, 512)
	b.disk.OnIO = func() { time.Sleep(each) }
	return b
}

func TestHotDrivePauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := slow(64*mib, 40*time.Second) // 8 at once: 320 s to write
		began := time.Now()
		// Hot from the second minute to the fourth, and cooler by less than
		// five degrees until the fifth.
		b.celsius = func() *int {
			switch at := time.Since(began); {
			case at < time.Minute:
				return new(40)
			case at < 4*time.Minute:
				return new(71)
			case at < 5*time.Minute:
				return new(66)
			}
			return new(65)
		}
		order := b.order(api.VerifyFull, api.MethodOverwrite)
		order.Limits.PauseCelsius = 70
		e := b.erase(t.Context(), order).Evidence
		p := e.Attempts[0].Pace
		if notClean(e) != "" || p.HottestCelsius != 71 || p.Pauses != 1 || p.PausedMillis < 239_000 || p.PausedMillis > 241_000 {
			t.Errorf("%s: %+v", notClean(e), p)
		}
		said := false
		for _, s := range b.log.progress {
			if s.Pause == api.PauseHot {
				said = true
				if s.Celsius != 71 && s.Celsius != 66 {
					t.Errorf("%+v", s)
				}
			}
		}
		if !said {
			t.Error("the screen does not say for what it waits")
		}
	})
}

func TestHotDriveCanBeCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := slow(64*mib, time.Second)
		b.celsius = func() *int { return new(90) }
		order := b.order(api.VerifyFull, api.MethodOverwrite)
		order.Limits.PauseCelsius = 70
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		e := b.erase(ctx, order).Evidence
		if e.Stopped != "cancelled" || e.State == "" || e.Attempts[0].Pace.Pauses != 1 || e.Attempts[0].Pace.PausedMillis < 3_590_000 {
			t.Errorf("%+v %+v", e, e.Attempts[0].Pace)
		}
	})
}

func TestHotDriveThatTellsNoMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := slow(64*mib, time.Second)
		began := time.Now()
		b.celsius = func() *int {
			if time.Since(began) > time.Minute {
				return nil
			}
			return new(90)
		}
		order := b.order(api.VerifyFull, api.MethodOverwrite)
		order.Limits.PauseCelsius = 70
		if a := b.erase(t.Context(), order).Evidence.Attempts[0]; !strings.Contains(a.Error, "temperature") {
			t.Errorf("%+v", a)
		}
	})
}

func TestSlowDriveIsGivenUp(t *testing.T) {
	for name, c := range map[string]struct {
		floor uint64
		ends  bool
	}{"below the floor": {500_000, true}, "above it": {100_000, false}, "no floor": {0, false}} {
		synctest.Test(t, func(t *testing.T) {
			b := slow(64*mib, time.Minute) // 8 MiB in a minute
			order := b.order(api.VerifyFull, api.MethodOverwrite)
			order.Limits.FloorBytesPerSecond = c.floor
			e := b.erase(t.Context(), order).Evidence
			a := e.Attempts[0]
			if (a.Error != "") != c.ends || c.ends && (!strings.Contains(a.Error, "too slow") || e.Stopped != "" || e.State == "") {
				t.Errorf("%s: %+v", name, e)
			}
			if got := a.Pace.SlowestBytesPerSecond; got < 100_000 || got > 200_000 {
				t.Errorf("%s: %d bytes per second", name, got)
			}
		})
	}
}

// Time in which the drive cooled down does not count against it.
func TestPausesAreNotSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := slow(64*mib, time.Minute)
		began := time.Now()
		b.celsius = func() *int {
			if at := time.Since(began); at > time.Minute && at < time.Hour {
				return new(80)
			}
			return new(40)
		}
		order := b.order(api.VerifyFull, api.MethodOverwrite)
		order.Limits = api.Limits{PauseCelsius: 70, FloorBytesPerSecond: 100_000}
		if e := b.erase(t.Context(), order).Evidence; notClean(e) != "" {
			t.Errorf("%s: %+v", notClean(e), e.Attempts[0].Pace)
		}
	})
}

// Work shorter than a window tells no speed.
func TestShortWorkHasNoSpeed(t *testing.T) {
	b := newBench(4*mib, 512)
	if p := b.overwrite(t).Evidence.Attempts[0].Pace; p.SlowestBytesPerSecond != 0 || p.HottestCelsius != 0 || p.Pauses != 0 {
		t.Errorf("%+v", p)
	}
}
