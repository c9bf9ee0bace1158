package bench_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"regain.example/agent/api"
	"regain.example/imager"
	"regain.example/imager/control"
	"regain.example/images/manifest"
)

func TestStopBeforeTheOrder(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		a := r.on(inventory(drive(0)))
		r.approve(1, "erase")
		a.must(r.c.Stop(t.Context(), "alice", 1, "wrong machine"))
		r.state(1, imager.JobVoid)
		a.order(api.OrderWait)
		if err := r.c.Stop(t.Context(), "alice", 1, ""); !errors.Is(err, imager.ErrConflict) {
			t.Errorf("a second stop: %v", err)
		}
	})
}

// TestStopInTheCountdown: nothing was touched, as the order of reports shows.
func TestStopInTheCountdown(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		a := r.on(inventory(drive(0)))
		j := r.approve(1, "erase")
		a.order(api.OrderErase)
		a.must(a.send(api.Report{Kind: api.ReportPhaseBegan, Job: j.ID, Phase: api.PhaseCountdown}))
		a.must(r.c.Stop(t.Context(), "alice", 1, "wrong machine"))
		r.state(1, imager.JobErasing) // until the agent says what it did
		a.order(api.OrderStop)
		a.must(a.send(api.Report{Kind: api.ReportStopped, Job: j.ID, Message: "page: during the countdown"}))
		r.state(1, imager.JobVoid)
		if reason := r.view(1).Job.Reason; !strings.Contains(reason, "alice") || !strings.Contains(reason, "wrong machine") {
			t.Errorf("reason %q", reason)
		}
		a.order(api.OrderWait)
	})
}

func TestStopByKeyOnTheBench(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		a := r.on(inventory(drive(0)))
		j := r.approve(1, "erase")
		a.order(api.OrderErase)
		a.must(a.send(api.Report{Kind: api.ReportStopped, Job: j.ID, Message: "bench: by a key"}))
		r.state(1, imager.JobVoid)
	})
}

// TestStopAmidTheErasure ends as cancelled, whichever report comes first, and
// good evidence does not bring it back.
func TestStopAmidTheErasure(t *testing.T) {
	stopped := func(j imager.Job) api.Report { return api.Report{Kind: api.ReportStopped, Job: j.ID} }
	cut := func(j imager.Job) api.Report {
		ev := evidence(drive(0))
		ev.Stopped = "cancelled"
		return api.Report{Kind: api.ReportDrive, Job: j.ID, Drive: ev.Drive, Erase: ev}
	}
	whole := func(j imager.Job) api.Report {
		return api.Report{Kind: api.ReportDrive, Job: j.ID, Drive: drive(0).ID(), Erase: evidence(drive(0))}
	}
	for name, reports := range map[string][]func(imager.Job) api.Report{
		"evidence first": {cut, stopped}, "stop first": {stopped, cut}, "it was ready already": {whole, stopped}, "nothing was under way": {
			func(imager.Job) api.Report { return api.Report{Kind: api.ReportStopped} }},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, r *rig) {
				a := r.on(inventory(drive(0)))
				j := r.approve(1, "debian")
				a.order(api.OrderErase)
				a.must(a.send(began(j.ID)...))
				a.must(r.c.Stop(t.Context(), "alice", 1, ""))
				a.order(api.OrderStop)
				for _, report := range reports {
					a.must(a.send(report(j)))
				}
				r.state(1, imager.JobCancelled)
				a.order(api.OrderWait)
			})
		})
	}
}

// TestStopOfAMachineThatIsAway: nobody is there to say when; it ends at once, and
// the agent is told to stop when it is back.
func TestStopOfAMachineThatIsAway(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		a := r.on(inventory(drive(0)))
		j := r.approve(1, "erase")
		a.order(api.OrderErase)
		a.must(a.send(began(j.ID)...))
		time.Sleep(5 * time.Minute)
		a.must(r.c.Stop(t.Context(), "alice", 1, ""))
		r.state(1, imager.JobCancelled)
		a.order(api.OrderStop)
		a.must(a.send(api.Report{Kind: api.ReportStopped, Job: j.ID}))
		a.order(api.OrderWait)
		r.state(1, imager.JobCancelled)
	})
}

func TestRetryAfterAFailedInstallation(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		a, j, o := installing(r)
		bad := installed(o)
		bad.Error = "frame 2 does not match the manifest: check the image on the appliance"
		a.must(a.send(api.Report{Kind: api.ReportInstalled, Job: j.ID, Install: bad}))
		r.state(1, imager.JobInstallFailed)
		end := a.order(api.OrderEnd).End
		if end.Green || end.Action != api.EndStay || !strings.Contains(end.Advice, "frame 2") {
			t.Errorf("end is %+v", end)
		}
		r.images.err = errors.New("signature does not match")
		if err := r.c.Retry(t.Context(), "alice", 1); !errors.Is(err, imager.ErrConflict) || !strings.Contains(err.Error(), "signature") {
			t.Errorf("retry with a bad image: %v", err)
		}
		r.images.err = nil
		a.must(r.c.Retry(t.Context(), "alice", 1))
		again := a.order(api.OrderInstall).Install
		a.must(a.send(api.Report{Kind: api.ReportInstalled, Job: j.ID, Install: installed(again)}))
		r.state(1, imager.JobInstalled)
	})
}

// TestImageThatDoesNotFit is refused at approval, with what to do.
func TestImageThatDoesNotFit(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*api.Inventory, *manifest.Manifest)
		says   string
	}{
		"firmware":  {func(i *api.Inventory, _ *manifest.Manifest) { i.Firmware.Kind = api.FirmwareBIOS }, "bios"},
		"secure":    {func(i *api.Inventory, _ *manifest.Manifest) { i.Firmware.SecureBoot = true }, "Secure Boot"},
		"sector":    {func(i *api.Inventory, _ *manifest.Manifest) { i.Drives[0].LogicalSector = 4096 }, "512"},
		"too small": {func(_ *api.Inventory, m *manifest.Manifest) { m.MinDriveBytes = 1 << 40 }, "larger drive"},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, r *rig) {
				inv, m := inventory(drive(0)), r.images.images["debian"]
				c.change(&inv, &m)
				r.images.images["debian"] = m
				r.on(inv)
				_, err := r.c.Approve(t.Context(), "alice", r.approval(1, "debian"))
				if !errors.Is(err, imager.ErrConflict) || !strings.Contains(err.Error(), c.says) {
					t.Errorf("%v does not say %q", err, c.says)
				}
			})
		})
	}
}

// TestImageReplacedAfterApproval: what was approved is installed, or nothing.
func TestImageReplacedAfterApproval(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		a := r.on(inventory(drive(0)))
		j := r.approve(1, "debian")
		a.order(api.OrderErase)
		a.erased(j.ID, drive(0))
		r.images.err = errors.New("signature does not match")
		if end := a.order(api.OrderEnd).End; end.Green {
			t.Errorf("end is %+v", end)
		}
		r.state(1, imager.JobInstallFailed)
	})
}

func TestConfirmedByTheOperator(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		a := r.on(inventory(drive(0)))
		j := r.approve(1, "windows")
		if err := r.c.Confirm(t.Context(), "alice", 1); !errors.Is(err, imager.ErrConflict) {
			t.Errorf("confirmed before it was installed: %v", err)
		}
		a.order(api.OrderErase)
		a.erased(j.ID, drive(0))
		o := a.order(api.OrderInstall).Install
		if o.Seed != nil {
			t.Errorf("an image without identity gets a seed: %v", o.Seed)
		}
		a.must(a.send(api.Report{Kind: api.ReportInstalled, Job: j.ID, Install: installed(o)}))
		a.must(r.c.Confirm(t.Context(), "alice", 1))
		r.state(1, imager.JobDone)
		if by := r.view(1).Job.FirstBoot.By; by != "alice" {
			t.Errorf("confirmed by %q", by)
		}
	})
	bubble(t, func(t *testing.T, r *rig) {
		a, j, o := installing(r)
		a.must(a.send(api.Report{Kind: api.ReportInstalled, Job: j.ID, Install: installed(o)}))
		if err := r.c.Confirm(t.Context(), "alice", 1); !errors.Is(err, imager.ErrConflict) {
			t.Errorf("an image that calls by itself was confirmed: %v", err)
		}
	})
}

// TestReleaseOfAFinishedMachine makes it start the agent again.
func TestReleaseOfAFinishedMachine(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		a, j, o := installing(r)
		if err := r.c.Release(t.Context(), "alice", 1); !errors.Is(err, imager.ErrConflict) {
			t.Errorf("released amid its job: %v", err)
		}
		a.must(a.send(api.Report{Kind: api.ReportInstalled, Job: j.ID, Install: installed(o)}))
		a.must(r.call("POST", "/first-boot/v1/"+string(o.Seed["call"]), "", api.FirstBoot{}, nil))
		ownDisk(t, r)
		a.must(r.c.Release(t.Context(), "alice", 1))
		d, err := r.c.BootDecision(t.Context(), control.BootClient{MAC: mac1, UUID: uuid1})
		if err != nil || d.Action != control.BootAgent {
			t.Errorf("boot decision is %+v, %v", d, err)
		}
		time.Sleep(time.Minute)
		r.on(inventory(drive(0))).order(api.OrderWait)
	})
}

func TestInstalledMachineThatStartsFromTheNetwork(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		a, j, o := installing(r)
		b := r.boot(a.inv)
		a.must(a.send(api.Report{Kind: api.ReportInstalled, Job: j.ID, Install: installed(o)}))
		time.Sleep(time.Minute)
		b.must(b.register())
		if end := b.order(api.OrderEnd).End; end.Green || end.Action != api.EndStay {
			t.Errorf("end is %+v: it must not restart for ever", end)
		}
	})
}

func TestWatch(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		ctx, cancel := context.WithCancel(t.Context())
		changed := r.c.Watch(ctx)
		r.on(inventory(drive(0)))
		if n := <-changed; n != 0 && n != 1 {
			t.Errorf("machine %d changed", n)
		}
		// A reader that sleeps misses numbers, and is told so.
		for range 100 {
			r.c.BootSeen(control.BootSighting{Client: control.BootClient{MAC: mac1}, Stage: "script"})
		}
		time.Sleep(time.Second)
		if n := len(changed); n == 0 || n > 64 {
			t.Errorf("%d numbers wait", n)
		}
		cancel()
		synctest.Wait()
		for range changed { // ends, because it was closed
			continue
		}
	})
}

// TestStopAndThenNoPower: the agent never says where it stopped.
func TestStopAndThenNoPower(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		a := r.on(inventory(drive(0)))
		j := r.approve(1, "erase")
		a.order(api.OrderErase)
		a.must(a.send(began(j.ID)...))
		a.must(r.c.Stop(t.Context(), "alice", 1, ""))
		r.state(1, imager.JobErasing)
		time.Sleep(time.Minute)
		r.on(inventory(drive(0))).order(api.OrderWait)
		r.state(1, imager.JobCancelled)
	})
	// A second stop ends the job of a machine that is gone.
	bubble(t, func(t *testing.T, r *rig) {
		a := r.on(inventory(drive(0)))
		r.approve(1, "erase")
		a.order(api.OrderErase)
		a.must(r.c.Stop(t.Context(), "alice", 1, ""))
		time.Sleep(time.Minute)
		a.must(r.c.Stop(t.Context(), "alice", 1, ""))
		r.state(1, imager.JobCancelled)
	})
	// The same boot that registers again is told to stop.
	bubble(t, func(t *testing.T, r *rig) {
		a := r.on(inventory(drive(0)))
		j := r.approve(1, "erase")
		a.order(api.OrderErase)
		a.must(a.send(began(j.ID)...))
		a.must(r.c.Stop(t.Context(), "alice", 1, ""))
		a.must(a.registerAs(api.RegisterRequest{Version: api.Version, Token: a.token, Nonce: a.nonce, Inventory: a.inv, Again: true}))
		a.order(api.OrderStop)
	})
}

// TestHaltedMachineDoesNotStartItsDisk: what is installed there is in doubt.
func TestHaltedMachineDoesNotStartItsDisk(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		a, j, o := installing(r)
		a.must(a.send(api.Report{Kind: api.ReportInstalled, Job: j.ID, Install: installed(o)}))
		ownDisk(t, r)
		thief := *a
		thief.nonce = strings.Repeat("e", 32)
		refused(t, thief.register(), api.CodeStopped)
		d, err := r.c.BootDecision(t.Context(), control.BootClient{MAC: mac1, UUID: uuid1})
		if err != nil || d.Action != control.BootAgent {
			t.Errorf("boot decision is %+v, %v", d, err)
		}
	})
}

// TestAnotherImageUnderTheSameName is not what was approved.
func TestAnotherImageUnderTheSameName(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		a := r.on(inventory(drive(0)))
		j := r.approve(1, "debian")
		a.order(api.OrderErase)
		a.erased(j.ID, drive(0))
		r.images.rebuilt = true
		a.order(api.OrderEnd)
		r.state(1, imager.JobInstallFailed)
	})
}
