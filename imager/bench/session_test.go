package bench_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"regain.example/agent/api"
	"regain.example/imager"
)

func TestRegistrationSentTwiceIsOne(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		a := r.on(inventory(drive(0)))
		first := a.session
		r.restart()
		a.must(a.register())
		if a.session != first {
			t.Errorf("the same registration gave %+v, then %+v", first, a.session)
		}
	})
}

func TestTokenUsedTwiceStopsBoth(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		a := r.on(inventory(drive(0)))
		r.approve(1, "erase")
		thief := *a
		thief.nonce = strings.Repeat("f", 32)
		refused(t, thief.register(), api.CodeStopped)
		_, err := a.poll()
		refused(t, err, api.CodeStopped)
		refused(t, a.send(api.Report{Kind: api.ReportTrouble}), api.CodeStopped)
		refused(t, a.progress(api.Progress{}), api.CodeStopped)
		refused(t, a.register(), api.CodeStopped)
		if v := r.view(1); v.Machine.Halted == "" || v.Job.State != imager.JobApproved {
			t.Errorf("machine is %+v", v)
		}
		// Nothing goes on, by a new boot either, until an operator releases it.
		b := r.on(inventory(drive(0)))
		b.order(api.OrderWait)
		if _, err := r.c.Approve(t.Context(), "alice", r.approval(1, "erase")); err == nil {
			t.Error("a halted machine was approved")
		}
		b.must(r.c.Release(t.Context(), "alice", 1))
		r.state(1, imager.JobVoid)
		r.approve(1, "erase")
		time.Sleep(time.Minute)
		b.order(api.OrderErase)
	})
}

// TestHaltedMachineIsNotApproved, although it has no job that stands against it.
func TestHaltedMachineIsNotApproved(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		a := r.on(inventory(drive(0)))
		thief := *a
		thief.nonce = strings.Repeat("f", 32)
		refused(t, thief.register(), api.CodeStopped)
		time.Sleep(time.Minute)
		b := r.on(inventory(drive(0)))
		_, err := r.c.Approve(t.Context(), "alice", r.approval(1, "erase"))
		if !errors.Is(err, imager.ErrConflict) || !strings.Contains(err.Error(), "release it first") {
			t.Errorf("approval of a halted machine: %v", err)
		}
		if j := r.view(1).Job; j != nil {
			t.Errorf("it has the job %+v", j)
		}
		b.must(r.c.Release(t.Context(), "alice", 1))
		r.approve(1, "erase")
		b.order(api.OrderErase)
	})
}

func TestTwoLiveSessionsStopBoth(t *testing.T) {
	speak := map[string]func(*agent) error{
		"order":    func(a *agent) error { _, err := a.poll(); return err },
		"report":   func(a *agent) error { return a.send(api.Report{Kind: api.ReportTrouble}) },
		"progress": func(a *agent) error { return a.progress(api.Progress{}) },
	}
	for name, f := range speak {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, r *rig) {
				a := r.on(inventory(drive(0)))
				r.approve(1, "erase")
				b := r.on(inventory(drive(0)))
				b.order(api.OrderWait)
				refused(t, f(a), api.CodeStopped)
				_, err := b.poll()
				refused(t, err, api.CodeStopped)
				if r.view(1).Machine.Halted == "" {
					t.Error("the machine is not halted")
				}
			})
		})
	}
}

// TestNoOrderWhileTheOlderSessionMayLive: nothing is destroyed until the older
// session has been silent for the grace time.
func TestNoOrderWhileTheOlderSessionMayLive(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		a := r.on(inventory(drive(0)))
		r.approve(1, "erase")
		a.must(a.progress(api.Progress{}))
		b := r.on(inventory(drive(0)))
		began := time.Now()
		b.order(api.OrderWait)
		for {
			o, err := b.poll()
			b.must(err)
			if o.Kind == api.OrderErase {
				break
			}
			r.state(1, imager.JobApproved)
		}
		if waited := time.Since(began); waited < 30*time.Second || waited > 32*time.Second {
			t.Errorf("the order came after %s, want the grace time of 30 s", waited)
		}
		refused(t, a.progress(api.Progress{}), api.CodeStopped)
	})
}

// TestPendingPollOfTheOlderSession: a superseded session that waits in a long
// poll is woken; if it lives it asks again, and both are stopped.
func TestPendingPollOfTheOlderSession(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		a := r.on(inventory(drive(0)))
		a.order(api.OrderWait)
		got := make(chan error)
		go func() {
			if _, err := a.poll(); err != nil {
				got <- err
				return
			}
			_, err := a.poll()
			got <- err
		}()
		time.Sleep(2 * time.Second)
		began := time.Now()
		r.on(inventory(drive(0)))
		refused(t, <-got, api.CodeStopped)
		if took := time.Since(began); took > time.Second {
			t.Errorf("it took %s to notice", took)
		}
	})
}

func TestTokens(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		inv := inventory(drive(0))
		good := r.token(mac1, uuid1)
		other := r.token("00:1b:21:00:00:01", uuid1)
		otherUUID := r.token(mac1, "4c4c4544-0042-3510-8052-000000000000")
		for name, token := range map[string]string{
			"none": "", "nonsense": "!!", "cut": good[:80], "changed": "B" + good[1:], "of another address": other, "of another UUID": otherUUID,
		} {
			a := &agent{rig: r, inv: inv, token: token, nonce: strings.Repeat("a", 32)}
			refused(t, a.register(), api.CodeToken)
			if name == "" {
				t.Fatal()
			}
		}
		moved := inv
		moved.NICs = []api.NIC{{MAC: mac1}} // not the one it booted through
		a := &agent{rig: r, inv: moved, token: good, nonce: strings.Repeat("a", 32)}
		refused(t, a.register(), api.CodeToken)
		time.Sleep(2*time.Hour + time.Second)
		a.inv = inv
		refused(t, a.register(), api.CodeToken)
		if all, err := r.c.Machines(t.Context()); err != nil || len(all) != 0 {
			t.Errorf("a refused token left %v, %v in the store", all, err)
		}
	})
}

// TestSpeaksForItselfOnly: what one machine holds opens nothing of another.
func TestSpeaksForItselfOnly(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		a := r.on(inventory(drive(0)))
		inv := inventory(drive(1))
		inv.System = api.System{UUID: "4c4c4544-0042-3510-8052-b4c04f4d9999", Serial: "OTHER99"}
		inv.NICs = []api.NIC{{MAC: "00:1b:21:00:00:02", Boot: true}}
		b := r.on(inv)
		if a.number() == b.number() {
			t.Fatal("two machines are one")
		}
		j := r.approve(a.number(), "erase")
		a.order(api.OrderErase)

		mixed := *b
		mixed.session.Session = a.session.Session // with b's key
		_, err := mixed.poll()
		refused(t, err, api.CodeUnknownSession)
		refused(t, mixed.send(began(j.ID)...), api.CodeUnknownSession)
		// b reports on a's job, in its own name: it changes nothing.
		b.must(b.send(api.Report{Kind: api.ReportDrive, Job: j.ID, Drive: drive(0).ID(), Erase: evidence(drive(0))}))
		if d := r.view(a.number()).Job.Drives[0]; d.Evidence != nil || d.Outcome != imager.OutcomeUnknown {
			t.Errorf("another machine's report became evidence: %+v", d)
		}
		for _, bearer := range []string{"", "x", ":", a.session.Session, a.session.Session + ":", strings.Repeat("0", 32) + ":" + a.session.Key} {
			refused(t, r.call("GET", "/agent/v1/order", bearer, nil, nil), api.CodeUnknownSession)
		}
		r.state(a.number(), imager.JobErasing)
	})
}

func TestVersionOfTheWire(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		a := r.boot(inventory(drive(0)))
		for _, v := range []int{-1, 0, api.Version + 1} {
			refused(t, a.registerAs(api.RegisterRequest{Version: v, Token: a.token, Nonce: a.nonce, Inventory: a.inv}), api.CodeVersion)
		}
	})
}

// stranger registers the i-th machine that was not met before.
func (r *rig) stranger(i int) error {
	inv := inventory()
	inv.System = api.System{}
	inv.NICs = []api.NIC{{MAC: fmt.Sprintf("00:1b:22:00:00:%02x", i), Boot: true}}
	return r.boot(inv).register()
}

// TestRateOfStrangers: each stranger is a write, so they are bounded in rate,
// however much room there is for them. Machines that are known are not in the way.
func TestRateOfStrangers(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		known := r.on(inventory(drive(0)))
		var busy error
		n := 0
		for ; busy == nil && n < 150; n++ {
			time.Sleep(100 * time.Millisecond) // within the rate of one client
			busy = r.stranger(n)
		}
		refused(t, busy, api.CodeBusy)
		if n < 32 {
			t.Errorf("busy after %d strangers", n)
		}
		known.must(r.boot(known.inv).register())
		time.Sleep(time.Second)
		known.must(r.stranger(n))
	})
}

func TestFloodOfStrangersIsBounded(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.config.MaxStrangers = 5
		r.restart()
		known := r.on(inventory(drive(0)))
		r.approve(known.number(), "erase")
		for i := range 5 {
			known.must(r.stranger(i))
			time.Sleep(time.Second)
		}
		refused(t, r.stranger(5), api.CodeBusy)
		time.Sleep(15 * time.Minute)
		known.must(r.stranger(6)) // the one longest silent makes room
		all, err := r.c.Machines(t.Context())
		if err != nil || len(all) != 6 {
			t.Fatalf("%d machines are kept, %v", len(all), err)
		}
		if all[0].Machine.Number != 1 || all[1].Machine.Number != 3 || all[5].Machine.Number != 7 {
			t.Error("an approved machine was forgotten, or a number given twice")
		}
	})
}

// TestOneMachineRegistersForEver: each of its boots is a write, so they are
// bounded in rate.
func TestOneMachineRegistersForEver(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		inv := inventory(drive(0))
		var busy error
		n := 0
		for ; busy == nil && n < 100; n++ {
			busy = r.boot(inv).register()
		}
		refused(t, busy, api.CodeBusy)
		if n < 5 {
			t.Errorf("busy after %d boots", n)
		}
		time.Sleep(time.Minute)
		r.on(inv)
		if v := r.view(1); len(v.Machine.Sessions) > 48 {
			t.Errorf("%d sessions are remembered", len(v.Machine.Sessions))
		}
	})
}

// TestImpostorWithOtherDrives: the drives' approval is the second wall; a
// machine that is taken for another but has other drives is not erased.
func TestImpostorWithOtherDrives(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.on(inventory(drive(0)))
		r.approve(1, "erase")
		time.Sleep(time.Hour)
		r.on(inventory(drive(1))).order(api.OrderWait)
		r.state(1, imager.JobVoid)
	})
}

// TestNoReportWhileTheOlderSessionMayLive: a session that says it is amid the
// approved work is not believed before the older one was silent.
func TestNoReportWhileTheOlderSessionMayLive(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		inv := inventory(drive(0))
		r.on(inv)
		j := r.approve(1, "erase")
		b := r.boot(inv)
		b.must(b.registerAs(api.RegisterRequest{Version: api.Version, Token: b.token, Nonce: b.nonce, Inventory: inv,
			Again: true, Holds: []api.DriveID{drive(0).ID()}}))
		report := api.Report{Seq: 1, Kind: api.ReportDrive, Job: j.ID, Erase: evidence(drive(0))}
		b.seq = 1
		refused(t, b.resend(report), api.CodeBusy)
		r.state(1, imager.JobErasing)
		time.Sleep(31 * time.Second)
		b.must(b.resend(report))
		r.state(1, imager.JobDone)
	})
}
