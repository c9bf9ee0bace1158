package bench_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"regain.example/agent/api"
	"regain.example/imager"
	"regain.example/imager/control"
)

// inVain is a boot that is ordered to work, does f, and ends.
func (r *rig) inVain(f func(*agent)) {
	r.t.Helper()
	a := r.on(inventory(drive(0), drive(1)))
	time.Sleep(time.Minute) // the session before is silent
	a.order(api.OrderErase)
	f(a)
	time.Sleep(5 * time.Minute)
}

func nothing(*agent) {}

// TestJobThatComesNoFurther boots three times and is held then, also after a
// restart of the controller, until an operator lets it boot again.
func TestJobThatComesNoFurther(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.on(inventory(drive(0), drive(1)))
		r.approve(1, "erase")
		for range 2 {
			for range 3 {
				r.bootsAfterRestart(control.BootAgent, "approved")
				r.inVain(nothing)
			}
			for range 3 { // however often it asks
				r.bootsAfterRestart(control.BootNone, "3 boots in a row")
			}
			if w := r.view(1).Waiting; !strings.Contains(w, "let it boot again") {
				t.Errorf("the page says that it waits for %q", w)
			}
			if err := r.c.BootAgain(t.Context(), "alice", strings.ToUpper(mac1)); err != nil {
				t.Fatal(err)
			}
			if e := r.view(1).Log[0]; e.Actor != "alice" || !strings.Contains(e.Text, "may boot again, after 3 boots") || e.Job == "" {
				t.Errorf("the log says %+v", e)
			}
		}
		r.state(1, imager.JobErasing) // the approval stands
		r.bootsAfterRestart(control.BootAgent, "approved")
	})
}

// TestHeldJobEnds when an operator stops it; its machine is then cancelled.
func TestHeldJobEnds(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.on(inventory(drive(0), drive(1)))
		r.approve(1, "erase")
		for range 3 {
			r.inVain(nothing)
		}
		r.bootsAfterRestart(control.BootNone, "3 boots in a row")
		if err := r.c.Stop(t.Context(), "alice", 1, "it is broken"); err != nil {
			t.Fatal(err)
		}
		r.state(1, imager.JobCancelled)
		r.bootsAfterRestart(control.BootNone, "was stopped")
		r.approve(1, "erase")
		r.bootsAfterRestart(control.BootAgent, "approved")
	})
}

// TestWhatIsHeadway: a boot in which the job comes further than in any before.
func TestWhatIsHeadway(t *testing.T) {
	offset := func(at uint64) func(*agent, imager.Job) {
		return func(a *agent, j imager.Job) {
			a.must(a.send(step(j.ID, drive(0), api.MethodOverwrite, api.StageOffset, at)))
		}
	}
	again := func(fs ...func(*agent, imager.Job)) []func(*agent, imager.Job) { return fs }
	none := func(*agent, imager.Job) {}
	begun := func(a *agent, j imager.Job) {
		a.must(a.send(step(j.ID, drive(0), api.MethodOverwrite, api.StageBegun, 0)))
	}
	accepted := func(a *agent, j imager.Job) { a.erased(j.ID, drive(0)) }
	countdown := func(a *agent, j imager.Job) { a.must(a.send(began(j.ID)...)) }
	phase := func(a *agent, j imager.Job) {
		a.must(a.send(api.Report{Kind: api.ReportPhaseBegan, Job: j.ID, Phase: api.PhaseErase, Drive: drive(1).ID()},
			api.Report{Kind: api.ReportPhaseEnded, Job: j.ID, Phase: api.PhaseErase, Drive: drive(1).ID()}))
	}
	bad := func(a *agent, j imager.Job) {
		ev := evidence(drive(1))
		ev.Stopped = "drive disappeared"
		a.must(a.send(report(j.ID, ev)))
	}
	for name, c := range map[string]struct {
		boots []func(*agent, imager.Job)
		held  bool
	}{
		"nothing, three times":              {again(none, none, none), true},
		"nothing, twice":                    {again(none, none), false},
		"a countdown, three times":          {again(countdown, countdown, countdown), true},
		"a step in the third":               {again(none, none, begun), false},
		"a step in the first":               {again(begun, none, none), false},
		"a step, then nothing":              {again(begun, none, none, none), true},
		"the same step each time":           {again(begun, begun, begun, begun), true},
		"further each time":                 {again(offset(1<<20), offset(2<<20), offset(3<<20), offset(4<<20), offset(5<<20)), false},
		"the same offset each time":         {again(offset(2<<20), offset(2<<20), offset(2<<20), offset(2<<20)), true},
		"less far each time":                {again(offset(3<<20), offset(3<<20), offset(3<<20), offset(3<<20)), true},
		"an accepted drive in the third":    {again(none, none, accepted), false},
		"an accepted drive, then nothing":   {again(accepted, none, none, none), true},
		"a phase that ended in the third":   {again(none, none, phase), false},
		"the same phase each time":          {again(phase, phase, phase, phase), true},
		"a bad verdict in the third":        {again(none, none, bad), false},
		"the same bad verdict each time":    {again(bad, bad, bad, bad), true},
		"two in vain, headway, two in vain": {again(none, none, begun, none, none), false},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, r *rig) {
				r.on(inventory(drive(0), drive(1)))
				j := r.approve(1, "erase")
				for _, f := range c.boots {
					r.inVain(func(a *agent) { f(a, j) })
				}
				if c.held {
					r.bootsAfterRestart(control.BootNone, "3 boots in a row")
				} else {
					r.bootsAfterRestart(control.BootAgent, "approved")
				}
			})
		})
	}
}

// TestBootsThatAreNone: the boot in which the operator approved and which was
// given no work is none of the job's, and an agent that registers again in the
// same boot is the same boot.
func TestBootsThatAreNone(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.on(inventory(drive(0), drive(1)))
		time.Sleep(time.Hour)
		r.approve(1, "erase") // it is off
		for range 2 {
			time.Sleep(time.Minute)
			r.on(inventory(drive(0), drive(1))) // and crashes before it asks for an order
		}
		time.Sleep(time.Minute)
		r.bootsAfterRestart(control.BootAgent, "approved")
		a := r.on(inventory(drive(0), drive(1)))
		for range 5 {
			time.Sleep(time.Minute)
			a.order(api.OrderErase)
			a.must(a.send(api.Report{Kind: api.ReportTrouble}))
			a.must(a.registerAs(api.RegisterRequest{Version: api.Version, Token: a.token, Nonce: a.nonce, Inventory: a.inv, Again: true}))
		}
		if n := r.view(1).Job.Fruitless; n != 2 {
			t.Errorf("%d boots in vain are on record, 2 have ended so", n)
		}
	})
}

func TestBootAgainRefused(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.on(inventory(drive(0)))
		for mac, want := range map[string]error{
			"": imager.ErrInvalid, "x": imager.ErrInvalid, "00:00:00:00:00:00:00:00": imager.ErrInvalid,
			mac1: imager.ErrConflict, "00:1b:21:00:00:09": imager.ErrConflict,
		} {
			if err := r.c.BootAgain(t.Context(), "alice", mac); !errors.Is(err, want) {
				t.Errorf("%q: %v, want %v", mac, err, want)
			}
		}
		if n := len(r.view(1).Log); n != 1 {
			t.Errorf("the log has %d entries", n)
		}
	})
}
