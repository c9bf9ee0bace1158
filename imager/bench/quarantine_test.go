package bench_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"regain.example/agent/api"
	"regain.example/imager"
)

// TestScreenNamesTheDrive: a technician sees which drive it is about, by bay or
// serial, and what to do with it; a drive beyond the limits is to be destroyed.
func TestScreenNamesTheDrive(t *testing.T) {
	pending := uint64(5000)
	for name, c := range map[string]struct {
		spoil   func(*api.DriveEvidence)
		verdict string
		says    []string
		destroy bool
	}{
		"content": {func(ev *api.DriveEvidence) { ev.Attempts[0].ReadBack.Mismatches = 1 }, "NOT ERASED", []string{"bay 3", "SER0001"}, false},
		"bad drive": {func(ev *api.DriveEvidence) {
			ev.HealthBefore = &api.Health{PendingSectors: &pending}
			ev.HealthAfter = ev.HealthBefore
		}, "DESTROY A DRIVE", []string{"DESTROY bay 3", "SER0001", "5000"}, true},
		"slow drive": {func(ev *api.DriveEvidence) { ev.Attempts[0].Pace = &api.Pace{SlowestBytesPerSecond: 1000} }, "DESTROY A DRIVE", []string{"DESTROY bay 3"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, r *rig) {
				odd := drive(1)
				odd.Bay = "bay 3"
				a, j := erasing(r, "erase", drive(0), odd)
				ev := evidence(odd)
				c.spoil(ev)
				a.must(a.send(report(j.ID, ev)))
				a.erased(j.ID, drive(0))
				v := r.view(1)
				if d := v.Job.Drives[1]; d.Destroy != c.destroy || d.Advice == "" || d.Outcome == imager.OutcomeErased || d.Level != "" {
					t.Errorf("drive is %+v", d)
				}
				if d := v.Job.Drives[0]; d.Level != imager.LevelClear || d.Proof == "" || d.Advice != "" {
					t.Errorf("the good drive is %+v", d)
				}
				end := a.order(api.OrderEnd).End
				if end.Verdict != c.verdict || strings.Contains(end.Advice, "SER0000") {
					t.Errorf("the screen says %q: %s", end.Verdict, end.Advice)
				}
				for _, says := range c.says {
					if !strings.Contains(end.Advice, says) {
						t.Errorf("the screen does not say %q: %s", says, end.Advice)
					}
				}
			})
		})
	}
}

// TestManyBadDrives do not fill the screen beyond its edge.
func TestManyBadDrives(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		var drives []api.Drive
		for i := range 9 {
			drives = append(drives, drive(i))
		}
		a, j := erasing(r, "erase", drives...)
		for _, d := range drives {
			ev := evidence(d)
			ev.Stopped = "drive disappeared"
			a.must(a.send(report(j.ID, ev)))
		}
		if advice := a.order(api.OrderEnd).End.Advice; strings.Contains(advice, "SER0005") || !strings.Contains(advice, "5 more drives") {
			t.Errorf("the screen says %s", advice)
		}
	})
}

// TestCancelledSaysWhatTheDrivesHold: drive by drive, whatever came first.
func TestCancelledSaysWhatTheDrivesHold(t *testing.T) {
	cut := func(j imager.Job, d api.Drive, state string) api.Report {
		ev := evidence(d)
		ev.Stopped, ev.State = "cancelled", state
		return report(j.ID, ev)
	}
	bubble(t, func(t *testing.T, r *rig) {
		drives := []api.Drive{drive(0), drive(1), drive(2), drive(3)}
		a, j := erasing(r, "erase", drives...)
		a.erased(j.ID, drive(0))
		a.must(a.send(step(j.ID, drive(1), api.MethodOverwrite, api.StageBegun, 0), step(j.ID, drive(1), api.MethodOverwrite, api.StageOffset, 16<<20)))
		a.must(r.c.Stop(t.Context(), "alice", 1, "fire alarm"))
		a.order(api.OrderStop)
		a.must(a.send(cut(j, drive(2), "overwritten up to 5 MiB"), api.Report{Kind: api.ReportStopped, Job: j.ID}))
		r.state(1, imager.JobCancelled)
		if reason := r.view(1).Job.Reason; !strings.Contains(reason, "SER0001, 67.1 MB: overwritten up to 16.8 MB of 67.1 MB") {
			t.Errorf("before its evidence the journal does not tell: %s", reason)
		}
		a.must(a.send(cut(j, drive(1), "overwritten up to 20 MiB")))
		reason := r.view(1).Job.Reason
		for _, says := range []string{"alice", "fire alarm", "SER0000, 67.1 MB: erased",
			"SER0001, 67.1 MB: overwritten up to 20 MiB",
			"SER0002, 67.1 MB: overwritten up to 5 MiB", "SER0003, 67.1 MB: not erased"} {
			if !strings.Contains(reason, says) {
				t.Errorf("the reason does not say %q: %s", says, reason)
			}
		}
	})
	// Of a machine that is away its journal tells.
	for stage, says := range map[api.Stage]string{
		api.StageBegun: "had begun, it may still hold content", api.StageAccepted: "may go on by itself", api.StageCompleted: "was not verified",
	} {
		bubble(t, func(t *testing.T, r *rig) {
			a, j := erasing(r, "erase", drive(0))
			a.must(a.send(step(j.ID, drive(0), api.MethodOverwrite, stage, 0)))
			time.Sleep(5 * time.Minute)
			a.must(r.c.Stop(t.Context(), "alice", 1, ""))
			r.state(1, imager.JobCancelled)
			if reason := r.view(1).Job.Reason; !strings.Contains(reason, says) {
				t.Errorf("after %s the reason is %q", stage, reason)
			}
		})
	}
}

// TestVersion1 is the agent that an earlier release left in memory. It never tells
// of steps and gets no seed. Its overwrite, read back in full, is accepted, its
// format for want of samples not; a new boot of it fetches the new agent.
func TestVersion1(t *testing.T) {
	old := func(r *rig, d api.Drive) (*agent, imager.Job) {
		a := r.boot(inventory(d))
		a.must(a.registerAs(api.RegisterRequest{Version: 1, Token: a.token, Nonce: a.nonce, Inventory: a.inv}))
		j := r.approve(1, "erase")
		if o := a.order(api.OrderErase); mentionsSeed(r.t, o) {
			r.t.Errorf("order is %+v", o.Erase)
		}
		a.must(a.send(began(j.ID)...))
		return a, j
	}
	bubble(t, func(t *testing.T, r *rig) {
		a, j := old(r, drive(0))
		a.must(a.send(report(j.ID, evidence(drive(0)))))
		r.state(1, imager.JobDone)
	})
	bubble(t, func(t *testing.T, r *rig) {
		d := nvmeDrive()
		d.NVMe.FNA = 0
		a, j := old(r, d)
		ev := evidence(d)
		ev.Attempts = ev.Attempts[:1]
		ev.Attempts[0].Method = api.MethodFormat
		ev.Attempts[0].Commands[0] = api.Command{Name: "Format NVM", Opcode: 0x80, Arguments: 1 << 9}
		a.must(a.send(report(j.ID, ev)))
		r.state(1, imager.JobQuarantined)
		if v := r.view(1).Job.Drives[0]; v.Outcome != imager.OutcomeUnknown || !strings.Contains(v.Reason, "samples") {
			t.Errorf("drive is %+v", v)
		}
	})
	for _, version := range []int{0, 3} {
		bubble(t, func(t *testing.T, r *rig) {
			a := r.boot(inventory(drive(0)))
			err := a.registerAs(api.RegisterRequest{Version: version, Token: a.token, Nonce: a.nonce, Inventory: a.inv})
			refused(t, err, api.CodeVersion)
			if !strings.Contains(err.Error(), fmt.Sprint(version)) {
				t.Errorf("%v", err)
			}
		})
	}
}
