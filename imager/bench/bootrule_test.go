package bench_test

import (
	"strings"
	"testing"
	"time"

	"regain.example/agent/api"
	"regain.example/imager"
	"regain.example/imager/control"
)

// boots asks what a machine boots now, after a restart of the controller, and
// wants this.
func (r *rig) boots(c control.BootClient, want control.BootAction, says string) {
	r.t.Helper()
	d, err := r.c.BootDecision(r.t.Context(), c)
	if err != nil || d.Action != want || !strings.Contains(d.Reason, says) || (d.Token != "") != (want == control.BootAgent) {
		r.t.Errorf("the machine boots %d, %q, %v; want %d, %q", d.Action, d.Reason, err, want, says)
	}
}

// pc is the test machine as its firmware tells of itself.
func pc() control.BootClient { return control.BootClient{MAC: mac1, UUID: uuid1} }

func (r *rig) bootsAfterRestart(want control.BootAction, says string) {
	r.t.Helper()
	r.restart()
	r.boots(pc(), want, says)
}

const rest = 12 * time.Hour

// TestNeverApproved: a machine that nobody approves gets the agent at each boot,
// waits, and loses nothing.
func TestNeverApproved(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.boots(pc(), control.BootAgent, "waits for approval")
		for range 5 {
			time.Sleep(time.Minute)
			a := r.on(inventory(drive(0)))
			if o := a.order(api.OrderWait); !strings.Contains(o.Message, "Waiting for approval: an operator") || !strings.Contains(o.Message, "Nothing is erased before") {
				t.Errorf("its screen says %q", o.Message)
			}
			a.must(a.send(api.Report{Kind: api.ReportTrouble, Message: "nothing to do"}))
			time.Sleep(30 * time.Hour)
			r.bootsAfterRestart(control.BootAgent, "machine 1: the agent starts and waits for approval")
		}
		if v := r.view(1); v.Job != nil || v.Waiting != "approval" {
			t.Errorf("it is %+v", v)
		}
	})
}

// TestJobUnderWay gets the agent at each of its states until the image is on it.
func TestJobUnderWay(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		a := r.on(inventory(drive(0)))
		j := r.approve(1, "debian")
		r.bootsAfterRestart(control.BootAgent, "approved")
		a.order(api.OrderErase)
		r.state(1, imager.JobErasing)
		r.bootsAfterRestart(control.BootAgent, "approved")
		a.erased(j.ID, drive(0))
		r.state(1, imager.JobAccepted)
		r.bootsAfterRestart(control.BootAgent, "approved")
		o := a.order(api.OrderInstall).Install
		r.state(1, imager.JobInstalling)
		r.bootsAfterRestart(control.BootAgent, "approved")
		bad := installed(o)
		bad.Error = "the image server is gone"
		a.must(a.send(api.Report{Kind: api.ReportInstalled, Job: j.ID, Install: bad}))
		r.state(1, imager.JobInstallFailed)
		for range 5 { // it waits for an operator; that is no failure of the boot
			time.Sleep(time.Minute)
			a = r.on(inventory(drive(0)))
			r.bootsAfterRestart(control.BootAgent, "waits for an operator")
		}
		a.must(r.c.Retry(t.Context(), "alice", 1))
		r.bootsAfterRestart(control.BootAgent, "approved")
	})
}

// TestFinishedStartsItsOwnDrive for 12 hours, then it is a stranger whose history
// is shown, and which nothing erases without a new approval.
func TestFinishedStartsItsOwnDrive(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		a, j, o := installing(r)
		a.must(a.send(api.Report{Kind: api.ReportInstalled, Job: j.ID, Install: installed(o)}))
		time.Sleep(3 * rest) // its first start has not come: it is not at an end
		r.bootsAfterRestart(control.BootLocalDisk, "machine 1: installed")
		a.must(r.call("POST", "/first-boot/v1/"+string(o.Seed["call"]), "", api.FirstBoot{}, nil))
		r.state(1, imager.JobDone)
		r.bootsAfterRestart(control.BootLocalDisk, "machine 1: done")
		time.Sleep(rest - time.Second)
		r.bootsAfterRestart(control.BootLocalDisk, "machine 1: done")
		time.Sleep(time.Second)
		r.bootsAfterRestart(control.BootAgent, "waits for approval")
		waitsWithHistory(t, r, "Its last job was done on 20")
	})
}

// waitsWithHistory boots the machine: nothing is erased before a new approval.
func waitsWithHistory(t *testing.T, r *rig, history string) {
	t.Helper()
	before := r.view(1)
	time.Sleep(time.Minute)
	a := r.on(before.Machine.Inventory)
	o, err := a.poll()
	a.must(err)
	shown := o.Message
	if o.End != nil {
		shown = o.End.Verdict + ": " + o.End.Advice
	}
	if o.Erase != nil || o.Install != nil || !strings.Contains(shown, history) {
		t.Errorf("the order is %+v, its screen says %q, not %q", o, shown, history)
	}
	if v := r.view(1); v.Job.ID != before.Job.ID || v.Job.State != before.Job.State {
		t.Errorf("the job was %s, %s, and is %s, %s", before.Job.ID, before.Job.State, v.Job.ID, v.Job.State)
	}
	if j := r.approve(1, "erase"); j.ID == before.Job.ID {
		t.Error("the approval is the old one")
	}
	a.order(api.OrderErase)
}

// TestErasedMachineBootsNothing: no drive of it has anything to start.
func TestErasedMachineBootsNothing(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		a, j := erasing(r, "erase", drive(0))
		a.erased(j.ID, drive(0))
		r.state(1, imager.JobDone)
		r.bootsAfterRestart(control.BootNone, "Label it")
		time.Sleep(rest - time.Second)
		r.bootsAfterRestart(control.BootNone, "Label it")
		time.Sleep(time.Second)
		r.bootsAfterRestart(control.BootAgent, "waits for approval")
		waitsWithHistory(t, r, "Its last job was done on 20")
	})
}

// TestRedMachineBootsNothing until an operator acts, or 12 hours have passed.
func TestRedMachineBootsNothing(t *testing.T) {
	cancelled := func(r *rig) {
		a, j := erasing(r, "erase", drive(0), drive(1))
		a.must(a.send(step(j.ID, drive(0), api.MethodOverwrite, api.StageBegun, 0)))
		a.must(r.c.Stop(r.t.Context(), "alice", 1, "wrong machine"))
		a.must(a.send(api.Report{Kind: api.ReportStopped, Job: j.ID}))
		r.state(1, imager.JobCancelled)
	}
	for name, red := range map[string]struct {
		begin   func(*rig)
		says    string
		history string
	}{
		"quarantined": {func(r *rig) { quarantined(r) }, "in quarantine", "SER0001"},
		"cancelled":   {cancelled, "was stopped", "wrong machine"},
	} {
		for act, c := range map[string]struct {
			do   func(*rig) error
			says string
		}{
			"released":   {func(r *rig) error { return r.c.Release(r.t.Context(), "alice", 1) }, "waits for approval"},
			"approved":   {func(r *rig) error { r.approve(1, "erase"); return nil }, "approved"},
			"12 hours":   {func(r *rig) error { time.Sleep(rest - time.Minute); return nil }, "waits for approval"},
			"drive gone": {withdraw, "waits for approval"},
		} {
			t.Run(name+", "+act, func(t *testing.T) {
				bubble(t, func(t *testing.T, r *rig) {
					red.begin(r)
					time.Sleep(time.Minute) // the machine is off
					r.bootsAfterRestart(control.BootNone, red.says)
					if w := r.view(1).Waiting; !strings.Contains(w, "boots nothing") {
						t.Errorf("the page says that it waits for %q", w)
					}
					if err := c.do(r); err != nil {
						t.Fatal(err)
					}
					r.bootsAfterRestart(control.BootAgent, c.says)
				})
			})
		}
		bubble(t, func(t *testing.T, r *rig) {
			red.begin(r)
			time.Sleep(rest)
			waitsWithHistory(t, r, red.history)
		})
	}
}

func withdraw(r *rig) error {
	_, err := r.c.Withdraw(r.t.Context(), "alice", imager.Withdrawn{Machine: 1, Serial: "SER0001", Seal: "S-17", Reason: "bad"})
	return err
}

// TestWithdrawnBeforeTheJob opens nothing: it was for an earlier state of things.
func TestWithdrawnBeforeTheJob(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.on(inventory(drive(0)))
		if _, err := r.c.Withdraw(t.Context(), "alice", imager.Withdrawn{Machine: 1, Serial: "OLD", Seal: "S-1", Reason: "bad"}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		quarantined(r)
		r.bootsAfterRestart(control.BootNone, "in quarantine")
	})
}

// TestApprovalEnded: nothing was erased, the machine waits again.
func TestApprovalEnded(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.on(inventory(drive(0)))
		r.approve(1, "erase")
		time.Sleep(rest)
		r.bootsAfterRestart(control.BootAgent, "waits for approval")
		waitsWithHistory(t, r, "expired")
	})
}

// TestDockBetweenMachines: the second machine behind a dock's address never gets
// the first one's decision.
func TestDockBetweenMachines(t *testing.T) {
	const dock, other = "00:e0:4c:00:00:01", "4c4c4544-0042-3510-8052-b4c04f4d9999"
	bubble(t, func(t *testing.T, r *rig) {
		first := inventory(drive(0))
		first.NICs = []api.NIC{{Name: "eth0", MAC: dock, Bus: "usb", Removable: true, Boot: true}}
		a := r.on(first)
		j := r.approve(1, "erase")
		a.order(api.OrderErase)
		a.erased(j.ID, drive(0))
		r.state(1, imager.JobDone)
		client := func(uuid, serial string) control.BootClient {
			return control.BootClient{MAC: dock, UUID: uuid, Serial: serial}
		}
		r.restart()
		r.boots(client(uuid1, "B5R5M22"), control.BootNone, "machine 1: done")
		for _, c := range []control.BootClient{
			client(other, ""), client(other, "OTHER99"), client(uuid1, "OTHER99"), client(uuid1, ""), client("", ""),
			client("ffffffff-ffff-ffff-ffff-ffffffffffff", ""),
		} {
			r.boots(c, control.BootAgent, "waits for approval")
		}
		second := inventory(drive(1))
		second.System = api.System{UUID: other, Manufacturer: "Dell Inc.", Product: "Latitude", Serial: "OTHER99"}
		second.NICs = first.NICs
		b := r.on(second)
		if b.number() != 2 {
			t.Fatalf("two machines are one: %d", b.number())
		}
		b.order(api.OrderWait)
		r.boots(client(uuid1, "B5R5M22"), control.BootNone, "machine 1: done")
		r.boots(client(other, "OTHER99"), control.BootAgent, "machine 2: the agent")
	})
}

// TestHaltedMachineSaysSo, on its screen and to its boot loader.
func TestHaltedMachineSaysSo(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		a := r.on(inventory(drive(0)))
		thief := *a
		thief.nonce = strings.Repeat("f", 32)
		refused(t, thief.register(), api.CodeStopped)
		r.bootsAfterRestart(control.BootAgent, "waits until an operator releases it")
		time.Sleep(time.Minute)
		if o := r.on(inventory(drive(0))).order(api.OrderWait); !strings.Contains(o.Message, "used twice") || !strings.Contains(o.Message, "releases it on the page") {
			t.Errorf("its screen says %q", o.Message)
		}
	})
}
