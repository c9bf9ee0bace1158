package corridor

import (
	"fmt"
	"testing"
	"time"

	"regain.example/agent/api"
	"regain.example/agent/lab"
	"regain.example/imager"
)

// TestPowerCuts cuts the power of the bench at steps spread over a whole job, and
// again in the boot that follows. What comes of the job is true: drives that are
// called erased hold nothing of before. A job that had to be given up is approved
// anew, and then succeeds.
func TestPowerCuts(t *testing.T) {
	m, _ := mixed()
	w := newWorkshop(t, m, eraseOnly())
	b := w.on()
	w.approve("erase")
	w.state(imager.JobDone)
	b.off()
	const places = 5
	for i := range places {
		at := m.Steps() * (2*i + 1) / (2 * places)
		for _, when := range []lab.Moment{lab.Before, lab.Amid, lab.After} {
			t.Run(fmt.Sprintf("at step %d of %d, moment %d", at, m.Steps(), when), func(t *testing.T) {
				t.Parallel()
				cuts(t, at, when)
			})
		}
	}
}

func eraseOnly() imager.Profile { return imager.Profile{Name: "erase", AtEnd: api.EndStay} }

func cuts(t *testing.T, at int, when lab.Moment) {
	m, former := mixed()
	w := newWorkshop(t, m, eraseOnly())
	b := w.on()
	w.until("registered", func(v imager.View) bool { return v.Online })
	m.CutAt(at, when)
	w.approve("erase")
	for tries := 0; ; tries++ {
		ended := w.until("an end, or no power", func(v imager.View) bool { return v.Job.State.Ended() || b.dark() })
		switch {
		case ended.Job.State == imager.JobDone:
			if former() != 0 {
				t.Fatalf("called erased, and %d sectors of before are left", former())
			}
			if w.boots < 2 {
				t.Error("the power was never cut")
			}
			return
		case tries > 6:
			t.Fatalf("no end after %d boots: %s: %s", w.boots, ended.Job.State, ended.Job.Reason)
		}
		b.off()
		if ended.Job.State.Ended() {
			t.Logf("%s: %s", ended.Job.State, ended.Job.Reason)
			w.approve("erase") // else it would boot nothing
		}
		if tries == 0 {
			m.CutAt(at/2, when)
		}
		b = w.onAgain()
	}
}

// TestControllerRestarts kills the controller and starts it again for as long as
// the job lasts. The agent goes on, and nothing that was acknowledged is lost.
func TestControllerRestarts(t *testing.T) {
	m, former := mixed()
	w := newWorkshop(t, m, eraseOnly())
	w.on()
	w.approve("erase")
	for kills := 0; ; kills++ {
		if v := w.view(); v.Job.State.Ended() {
			if v.Job.State != imager.JobDone || former() != 0 || kills < 3 {
				t.Errorf("after %d restarts %s: %s; %d sectors of before are left", kills, v.Job.State, v.Job.Reason, former())
			}
			return
		}
		if kills > 500 {
			t.Fatalf("no end: %+v", w.view().Job)
		}
		time.Sleep(300 * time.Millisecond)
		w.kill()
		w.start()
	}
}

// dark reports whether the power of this boot is gone.
func (b *boot) dark() bool {
	select {
	case <-b.ended:
		return true
	default:
		return false
	}
}
