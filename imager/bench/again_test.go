package bench_test

import (
	"errors"
	"fmt"
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

// sent is a boot as the boot servers see it: all of the agent was fetched.
func (r *rig) sent(c control.BootClient) {
	for _, s := range []string{"offer", "address", "loader", "offer", "address", "script", "kernel", "initramfs", "initramfs", "offer", "address"} {
		r.c.BootSeen(control.BootSighting{Client: c, Stage: s})
		time.Sleep(time.Second)
	}
}

// TestAgentThatNeverRegisters is given three times, then the machine is held.
func TestAgentThatNeverRegisters(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		other := control.BootClient{MAC: mac1, UUID: "4c4c4544-0042-3510-8052-b4c04f4d9999"}
		for i := range 3 {
			for range 20 { // asking is no attempt
				r.boots(pc(), control.BootAgent, "waits for approval")
			}
			r.sent(pc())
			if i == 1 {
				r.c.BootSeen(control.BootSighting{Client: pc(), Stage: "kernel"}) // a boot that is cut short is none
			}
		}
		r.boots(pc(), control.BootNone, "the agent was sent 3 times")
		r.boots(control.BootClient{MAC: mac1, UUID: "44454c4c-4200-1035-8052-b4c04f4d3232"}, control.BootNone, "3 times") // the other byte order
		r.boots(other, control.BootAgent, "waits for approval")                                                           // another machine in the same dock
		r.boots(control.BootClient{MAC: "00:1b:21:00:00:09", UUID: uuid1}, control.BootAgent, "waits for approval")
		if err := r.c.BootAgain(t.Context(), "alice", mac1); err != nil {
			t.Fatal(err)
		}
		r.boots(pc(), control.BootAgent, "waits for approval")
		for range 3 {
			r.sent(pc())
		}
		r.boots(pc(), control.BootNone, "the agent was sent 3 times")
		// It is known in memory only.
		r.bootsAfterRestart(control.BootAgent, "waits for approval")
	})
	// An image that holds the agent counts the same.
	bubble(t, func(t *testing.T, r *rig) {
		for range 3 {
			r.boots(pc(), control.BootAgent, "waits for approval")
			for _, s := range []string{"offer", "address", "image", "image", "offer", "address"} {
				r.c.BootSeen(control.BootSighting{Client: pc(), Stage: s})
			}
		}
		r.boots(pc(), control.BootNone, "the agent was sent 3 times")
	})
	// One that was made to boot nothing, or the disk, does not.
	bubble(t, func(t *testing.T, r *rig) {
		for range 5 {
			for _, s := range []string{"offer", "address", "image-size", "image", "refused", "offer", "address", "image-size", "image", "local-disk"} {
				r.c.BootSeen(control.BootSighting{Client: pc(), Stage: s})
			}
		}
		for range 2 {
			r.sent(pc())
		}
		r.boots(pc(), control.BootAgent, "waits for approval")
		r.sent(pc())
		r.boots(pc(), control.BootNone, "the agent was sent 3 times")
	})
}

// TestRegistrationForgetsFailures of this machine, not of another.
func TestRegistrationForgetsFailures(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		other := control.BootClient{MAC: "00:1b:21:00:00:02", UUID: "4c4c4544-0042-3510-8052-b4c04f4d9999"}
		for range 2 {
			r.sent(pc())
			r.sent(other)
		}
		r.on(inventory(drive(0)))
		r.sent(pc())
		r.sent(other)
		r.boots(pc(), control.BootAgent, "machine 1")
		r.boots(other, control.BootNone, "the agent was sent 3 times")
	})
}

// TestKnownMachineLetBoot has it in its log.
func TestKnownMachineLetBoot(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.on(inventory(drive(0)))
		for range 3 {
			r.sent(pc())
		}
		r.boots(pc(), control.BootNone, "machine 1: the agent was sent 3 times")
		if err := r.c.BootAgain(t.Context(), "alice", mac1); err != nil {
			t.Fatal(err)
		}
		if e := r.view(1).Log[0]; e.Actor != "alice" || !strings.Contains(e.Text, "3 agents in a row that never registered") {
			t.Errorf("the log says %+v", e)
		}
		r.boots(pc(), control.BootAgent, "machine 1")
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

// TestFloodOfBoots: invented addresses take no more than their room, and push out
// what is older.
func TestFloodOfBoots(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		invented := func(i int) control.BootClient {
			return control.BootClient{MAC: fmt.Sprintf("02:00:00:00:%02x:%02x", i>>8, i&0xff)}
		}
		for range 3 {
			r.sent(pc())
		}
		for i := range 1023 {
			for range 3 {
				r.c.BootSeen(control.BootSighting{Client: invented(i), Stage: "script"})
				r.c.BootSeen(control.BootSighting{Client: invented(i), Stage: "initramfs"})
			}
			time.Sleep(time.Millisecond)
		}
		r.boots(pc(), control.BootNone, "3 times")
		r.boots(invented(0), control.BootNone, "3 times")
		r.c.BootSeen(control.BootSighting{Client: invented(2000), Stage: "initramfs"})
		r.boots(pc(), control.BootAgent, "waits for approval")
		r.boots(invented(0), control.BootNone, "3 times")
	})
}
