package bench_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"regain.example/agent/api"
	"regain.example/imager"
)

// twoDrives brings a machine with a system drive and another to the point where
// both are accepted; the order to install is not given yet.
func twoDrives(r *rig) (*agent, imager.Job) {
	r.t.Helper()
	a, j := erasing(r, "debian", drive(0), drive(1))
	a.erased(j.ID, drive(0), drive(1))
	r.state(1, imager.JobAccepted)
	return a, j
}

// again starts the machine another time.
func (r *rig) again(drives ...api.Drive) *agent {
	r.t.Helper()
	time.Sleep(time.Minute)
	return r.on(inventory(drives...))
}

// resampled reports good fresh samples of what an order asks for.
func (a *agent) resampled(job string, o api.Order, drives ...api.Drive) {
	a.rig.t.Helper()
	for _, d := range drives {
		if do := a.drive(o, d); do.SampleSeed != nil {
			a.must(a.send(report(job, rechecked(do, d))))
			continue
		}
		a.must(a.send(report(job, &api.DriveEvidence{Drive: d.ID(), Before: d, Kept: true})))
	}
}

// TestAcceptedDrivesInANewBoot are sampled at new places before anything is
// installed; nothing counts down, since nothing is erased.
func TestAcceptedDrivesInANewBoot(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		_, j := twoDrives(r)
		was := r.view(1).Job.Drives
		b := r.again(drive(0), drive(1))
		o := b.order(api.OrderErase)
		if w := r.view(1).Waiting; !strings.Contains(w, "fresh look") {
			t.Errorf("the page says that it waits for %q", w)
		}
		if o.Erase.Job != j.ID || o.Erase.CountdownSeconds != 0 || len(o.Erase.Drives) != 2 {
			t.Fatalf("order is %+v", o.Erase)
		}
		for i, do := range o.Erase.Drives {
			if !do.Accepted || do.Erased != api.MethodOverwrite || len(do.SampleSeed) != 32 || bytes.Equal(do.SampleSeed, was[i].SampleSeed) || do.Resume != nil {
				t.Errorf("order for drive %d is %+v", i, do)
			}
		}
		b.resampled(j.ID, o, drive(0))
		r.restart()
		if again := b.now(); b.drive(again, drive(0)).SampleSeed != nil || !bytes.Equal(b.drive(again, drive(1)).SampleSeed, o.Erase.Drives[1].SampleSeed) {
			t.Errorf("with one drive to go the order is %+v", again.Erase)
		}
		r.state(1, imager.JobAccepted)
		b.resampled(j.ID, o, drive(1))
		b.order(api.OrderInstall)
		// What was accepted is still what anybody can judge again.
		for i, d := range r.view(1).Job.Drives {
			if d.Outcome != imager.OutcomeErased || d.Evidence.Kept || !bytes.Equal(d.SampleSeed, was[i].SampleSeed) || d.Recheck.Evidence == nil {
				t.Errorf("the record of drive %d is %+v", i, d)
			}
		}
	})
}

// TestPowerCutWhileInstalling: the system drive holds image data and is left; the
// other is sampled before the installation begins again.
func TestPowerCutWhileInstalling(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		a, j := twoDrives(r)
		first := a.order(api.OrderInstall).Install
		b := r.again(drive(0), drive(1))
		o := b.order(api.OrderErase)
		for _, d := range []api.Drive{drive(0), drive(1)} {
			do := b.drive(o, d)
			if !do.Accepted || (do.SampleSeed == nil) != (d.ID() == first.Drive) {
				t.Errorf("order for %s is %+v", d.Serial, do)
			}
		}
		r.state(1, imager.JobInstalling)
		b.resampled(j.ID, o, drive(0), drive(1))
		install := b.order(api.OrderInstall).Install
		b.must(b.send(api.Report{Kind: api.ReportInstalled, Job: j.ID, Install: installed(install)}))
		r.state(1, imager.JobInstalled)
		if n := r.view(1).Job.Installs; n != 2 {
			t.Errorf("the installation was ordered %d times", n)
		}
	})
}

// TestRetryInANewBoot samples first; a retry in the same boot does not.
func TestRetryInANewBoot(t *testing.T) {
	failed := func(t *testing.T, r *rig) (*agent, imager.Job) {
		t.Helper()
		a, j := twoDrives(r)
		bad := installed(a.order(api.OrderInstall).Install)
		bad.Error = "the image server is gone"
		a.must(a.send(api.Report{Kind: api.ReportInstalled, Job: j.ID, Install: bad}))
		return a, j
	}
	bubble(t, func(t *testing.T, r *rig) {
		a, _ := failed(t, r)
		a.must(r.c.Retry(t.Context(), "alice", 1))
		a.order(api.OrderInstall)
	})
	bubble(t, func(t *testing.T, r *rig) {
		_, j := failed(t, r)
		b := r.again(drive(0), drive(1))
		b.order(api.OrderEnd)
		b.must(r.c.Retry(t.Context(), "alice", 1))
		o := b.order(api.OrderErase)
		b.resampled(j.ID, o, drive(0), drive(1))
		bad := installed(b.order(api.OrderInstall).Install)
		bad.Error = "again"
		b.must(b.send(api.Report{Kind: api.ReportInstalled, Job: j.ID, Install: bad}))
		b.must(r.c.Retry(t.Context(), "alice", 1)) // what this boot has shown holds in it
		b.order(api.OrderInstall)
	})
}

// TestEachBootHasItsOwnPlaces: a sampling that a power cut ended is begun again,
// at other places.
func TestEachBootHasItsOwnPlaces(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		_, j := twoDrives(r)
		b := r.again(drive(0), drive(1))
		first := b.order(api.OrderErase)
		b.resampled(j.ID, first, drive(0))
		c := r.again(drive(0), drive(1))
		second := c.order(api.OrderErase)
		for i := range first.Erase.Drives {
			if s := second.Erase.Drives[i].SampleSeed; len(s) != 32 || bytes.Equal(s, first.Erase.Drives[i].SampleSeed) {
				t.Errorf("drive %d: %x", i, s)
			}
		}
	})
}

// TestFreshSamplingThatFails: the drive is unknown, and the machine does not go
// on, whatever its job was at.
func TestFreshSamplingThatFails(t *testing.T) {
	for name, spoil := range map[string]func(*api.DriveEvidence){
		"content":             func(ev *api.DriveEvidence) { ev.Recheck.Pattern, ev.Recheck.Other = 255, 1 },
		"blank":               func(ev *api.DriveEvidence) { ev.Recheck.Pattern, ev.Recheck.Uniform = 0, 256 },
		"other places":        func(ev *api.DriveEvidence) { ev.Recheck.SeedSHA256 = strings.Repeat("0", 64) },
		"too few":             func(ev *api.DriveEvidence) { ev.Recheck.Blocks, ev.Recheck.Read, ev.Recheck.Pattern = 9, 9, 9 },
		"not read":            func(ev *api.DriveEvidence) { ev.Recheck.Read, ev.Recheck.Pattern, ev.Recheck.ReadErrors = 255, 255, 1 },
		"none":                func(ev *api.DriveEvidence) { ev.Recheck = nil },
		"stopped":             func(ev *api.DriveEvidence) { ev.Stopped = "drive disappeared" },
		"another size":        func(ev *api.DriveEvidence) { after := *ev.After; after.SizeBytes /= 2; ev.After = &after },
		"worked on instead":   func(ev *api.DriveEvidence) { *ev = *evidence(drive(1)) },
		"larger than is kept": func(ev *api.DriveEvidence) { ev.State = strings.Repeat("x", 2<<20) },
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, r *rig) {
				a, j := twoDrives(r)
				a.order(api.OrderInstall)
				b := r.again(drive(0), drive(1))
				bad := rechecked(b.drive(b.order(api.OrderErase), drive(1)), drive(1))
				spoil(bad)
				b.must(b.send(report(j.ID, bad)))
				r.state(1, imager.JobQuarantined)
				v := r.view(1)
				if d := v.Job.Drives[1]; d.Outcome != imager.OutcomeUnknown || d.Level != "" || d.Reason == "" || !strings.Contains(v.Job.Reason, "SER0001") {
					t.Errorf("drive is %+v, reason %q", d, v.Job.Reason)
				}
				if end := b.order(api.OrderEnd).End; end.Green || !strings.Contains(end.Advice, "SER0001") || strings.Contains(end.Advice, "SER0000") {
					t.Errorf("end is %+v", end)
				}
			})
		})
	}
}

// TestQuarantineWaitsForTheOtherSamples: the agent is at work on them.
func TestQuarantineWaitsForTheOtherSamples(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		_, j := twoDrives(r)
		b := r.again(drive(0), drive(1))
		o := b.order(api.OrderErase)
		b.must(b.send(report(j.ID, &api.DriveEvidence{Drive: drive(0).ID(), Before: drive(0), Kept: true})))
		r.state(1, imager.JobAccepted)
		b.order(api.OrderErase)
		b.resampled(j.ID, o, drive(1))
		r.state(1, imager.JobQuarantined)
	})
}

// TestRegisteredAgainAmidTheSampling: the same boot is not asked twice.
func TestRegisteredAgainAmidTheSampling(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		_, j := twoDrives(r)
		b := r.again(drive(0), drive(1))
		o := b.order(api.OrderErase)
		b.resampled(j.ID, o, drive(0))
		again := api.RegisterRequest{Version: api.Version, Token: b.token, Nonce: b.nonce, Inventory: b.inv, Again: true}
		b.must(b.registerAs(again))
		if second := b.order(api.OrderErase); second.Erase.Drives[0].SampleSeed != nil || !bytes.Equal(second.Erase.Drives[1].SampleSeed, o.Erase.Drives[1].SampleSeed) {
			t.Errorf("order is %+v", second.Erase)
		}
		b.resampled(j.ID, o, drive(1))
		b.order(api.OrderInstall)
		b.must(b.registerAs(again)) // amid the installation
		b.order(api.OrderInstall)
		if n := r.view(1).Job.Installs; n != 1 {
			t.Errorf("%d installations were ordered", n)
		}
	})
}

// TestErasureWaitsForTheSamples of what was accepted before, and for what they say.
func TestErasureWaitsForTheSamples(t *testing.T) {
	for content, want := range map[int]imager.JobState{0: imager.JobDone, 1: imager.JobQuarantined} {
		bubble(t, func(t *testing.T, r *rig) {
			a, j := erasing(r, "erase", drive(0), drive(1))
			a.erased(j.ID, drive(0))
			b := r.again(drive(0), drive(1))
			o := b.order(api.OrderErase)
			if o.Erase.CountdownSeconds == 0 {
				t.Error("nothing counts down, although a drive is to be erased")
			}
			b.erased(j.ID, drive(1))
			r.state(1, imager.JobErasing)
			ev := rechecked(b.drive(o, drive(0)), drive(0))
			ev.Recheck.Other, ev.Recheck.Pattern = content, ev.Recheck.Pattern-content
			b.must(b.send(report(j.ID, ev)))
			r.state(1, want)
		})
	}
}

func TestStopAmidTheSampling(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		_, j := twoDrives(r)
		b := r.again(drive(0), drive(1))
		b.order(api.OrderErase)
		b.must(r.c.Stop(t.Context(), "alice", 1, "enough"))
		b.order(api.OrderStop)
		b.must(b.send(api.Report{Kind: api.ReportStopped, Job: j.ID}))
		r.state(1, imager.JobCancelled)
		b.order(api.OrderWait)
	})
}

// TestOneNamespaceErasedAgain: what reaches all namespaces of a controller is
// ordered for all of them, also for one that had been accepted.
func TestOneNamespaceErasedAgain(t *testing.T) {
	namespace := func(n uint32) api.Drive {
		d := nvmeDrive()
		d.Node, d.EUI64 = "nvme0n"+string(rune('0'+n)), strings.Repeat(string(rune('0'+n)), 16)
		d.NVMe = &api.NVMe{Controller: "nvme0", NSID: n, Namespaces: 2, OACS: 2, FNA: 4, LBADataSize: 512}
		return d
	}
	for name, c := range map[string]struct {
		fna      uint8
		accepted bool
	}{"one by one": {4, true}, "all at once": {7, false}} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, r *rig) {
				one, two := namespace(1), namespace(2)
				one.NVMe.FNA, two.NVMe.FNA = c.fna, c.fna
				a, j := erasing(r, "erase", one, two)
				a.erased(j.ID, one)
				if d := r.view(1).Job.Drives[0]; d.Outcome != imager.OutcomeErased {
					t.Fatalf("drive is %+v", d)
				}
				a.must(a.send(step(j.ID, two, api.MethodFormatCrypto, api.StageBegun, 0)))
				b := r.again(one, two)
				o := b.order(api.OrderErase)
				if do := b.drive(o, one); do.Accepted != c.accepted || b.drive(o, two).Accepted {
					t.Errorf("order is %+v", o.Erase)
				}
			})
		})
	}
}
