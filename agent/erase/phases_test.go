package erase

import (
	"testing"
	"testing/synctest"
	"time"

	"regain.example/agent/api"
)

func TestProgressComesEachSecondWithARecentRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log recorder
		began := time.Now()
		p := newPhases(&log, "drive", func() time.Duration { return time.Since(began) })
		p.begin(api.PhaseErase, 1000)
		time.Sleep(500 * time.Millisecond) // between the ticks
		for range 10 {
			p.add(10)
			time.Sleep(time.Second)
		}
		for range 5 {
			p.add(100)
			time.Sleep(time.Second)
		}
		p.end()
		if n := len(log.progress); n != 16 { // one at once, then each second
			t.Errorf("%d reports in 15.5 seconds", n)
		}
		for at, want := range map[int]api.DriveProgress{
			0:  {Done: 0},
			1:  {Done: 10, BytesPerSecond: 10},
			9:  {Done: 90, BytesPerSecond: 10},
			15: {Done: 600, BytesPerSecond: 100},
		} {
			want.Drive, want.Phase, want.Total = "drive", api.PhaseErase, 1000
			if got := log.progress[at]; got != want {
				t.Errorf("after %d s: %+v, not %+v", at, got, want)
			}
		}
	})
}

func TestAPhaseThatIsBegunAgainIsTheSame(t *testing.T) {
	var log recorder
	p := newPhases(&log, "drive", func() time.Duration { return 0 })
	p.begin(api.PhaseErase, 0)
	p.begin(api.PhaseErase, 8)
	p.add(5)
	p.begin(api.PhaseErase, 8)
	p.add(3)
	p.begin(api.PhaseVerify, 8)
	p.end()
	p.end()
	want := []string{"began erase", "ended erase 8", "began verify", "ended verify 0"}
	if len(log.phases) != len(want) {
		t.Fatalf("%q", log.phases)
	}
	for i := range want {
		if log.phases[i] != want[i] {
			t.Errorf("%q", log.phases)
		}
	}
}
