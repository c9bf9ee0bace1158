package bench_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"regain.example/agent/api"
	"regain.example/imager"
)

func changes() map[string]struct {
	drives []api.Drive
	says   string
} {
	swapped := drive(1)
	swapped.Serial = "OTHER1"
	return map[string]struct {
		drives []api.Drive
		says   string
	}{
		"added":   {[]api.Drive{drive(0), drive(1), drive(2)}, "SER0002, 67.1 MB was added"},
		"removed": {[]api.Drive{drive(0)}, "SER0001, 67.1 MB was removed"},
		"swapped": {[]api.Drive{drive(0), swapped}, "SER0001, 67.1 MB was changed: it is now Disk, serial OTHER1"},
	}
}

// TestDrivesChangedBeforeErasure: between approval and erasure the machine was
// off, or the agent finds it when it takes stock again. Nothing is erased.
func TestDrivesChangedBeforeErasure(t *testing.T) {
	for name, c := range changes() {
		t.Run(name+", at a new start", func(t *testing.T) {
			bubble(t, func(t *testing.T, r *rig) {
				r.on(inventory(drive(0), drive(1)))
				r.approve(1, "erase")
				time.Sleep(time.Minute)
				b := r.on(inventory(c.drives...))
				b.order(api.OrderWait)
				void(t, r, c.says)
			})
		})
		t.Run(name+", as the agent reports", func(t *testing.T) {
			bubble(t, func(t *testing.T, r *rig) {
				a := r.on(inventory(drive(0), drive(1)))
				j := r.approve(1, "erase")
				a.order(api.OrderErase)
				a.must(a.send(api.Report{Kind: api.ReportDrivesChanged, Job: j.ID, Drives: c.drives}))
				void(t, r, c.says)
				a.order(api.OrderWait)
				// What is there now can be approved.
				r.approve(1, "erase")
				if o := a.order(api.OrderErase); len(o.Erase.Drives) != len(c.drives) {
					t.Errorf("order is %+v", o.Erase)
				}
			})
		})
	}
}

func void(t *testing.T, r *rig, says string) {
	t.Helper()
	r.state(1, imager.JobVoid)
	if v := r.view(1); !strings.Contains(v.Job.Reason, says) {
		t.Errorf("the reason %q does not say %q", v.Job.Reason, says)
	}
}

// TestDrivesChangedAmidTheJob: a drive without evidence has come, so the machine
// may not go on.
func TestDrivesChangedAmidTheJob(t *testing.T) {
	for name, c := range changes() {
		t.Run(name+" while erasing", func(t *testing.T) {
			bubble(t, func(t *testing.T, r *rig) {
				a := r.on(inventory(drive(0), drive(1)))
				j := r.approve(1, "debian")
				a.order(api.OrderErase)
				a.must(a.send(began(j.ID)...))
				time.Sleep(time.Minute)
				r.on(inventory(c.drives...)).order(api.OrderEnd)
				r.state(1, imager.JobQuarantined)
			})
		})
		t.Run(name+" while installing", func(t *testing.T) {
			bubble(t, func(t *testing.T, r *rig) {
				a := r.on(inventory(drive(0), drive(1)))
				j := r.approve(1, "debian")
				a.order(api.OrderErase)
				a.erased(j.ID, drive(0), drive(1))
				a.order(api.OrderInstall)
				time.Sleep(time.Minute)
				if end := r.on(inventory(c.drives...)).order(api.OrderEnd).End; end.Green {
					t.Errorf("end is %+v", end)
				}
				r.state(1, imager.JobQuarantined)
			})
		})
	}
}

// TestNoInstallationWithoutEvidence: one bad or unknown drive blocks the machine.
func TestNoInstallationWithoutEvidence(t *testing.T) {
	for name, spoil := range map[string]func(*api.DriveEvidence){
		"old data came back": func(ev *api.DriveEvidence) { ev.Attempts[0].ReadBack.Mismatches = 1 },
		"cancelled":          func(ev *api.DriveEvidence) { ev.Stopped = "cancelled" },
		"nothing done":       func(ev *api.DriveEvidence) { ev.Attempts = nil },
		"not identified":     func(ev *api.DriveEvidence) { ev.After = nil },
		"too large to keep":  func(ev *api.DriveEvidence) { ev.Attempts[0].Commands = make([]api.Command, 40000) },
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, r *rig) {
				a := r.on(inventory(drive(0), drive(1)))
				j := r.approve(1, "debian")
				a.order(api.OrderErase)
				a.must(a.send(began(j.ID)...))
				bad := evidence(drive(0))
				spoil(bad)
				a.must(a.send(api.Report{Kind: api.ReportDrive, Job: j.ID, Drive: bad.Drive, Erase: bad}))
				r.state(1, imager.JobErasing) // the other drive is still at work
				a.erased(j.ID, drive(1))
				r.state(1, imager.JobQuarantined)
				if end := a.order(api.OrderEnd).End; end.Green || end.Action != api.EndStay || end.Verdict != "NOT ERASED" {
					t.Errorf("end is %+v", end)
				}
				// Neither good evidence that comes late nor a retry changes that.
				a.must(a.send(report(j.ID, evidence(drive(0)))))
				r.state(1, imager.JobQuarantined)
				if err := r.c.Retry(t.Context(), "alice", 1); !errors.Is(err, imager.ErrConflict) {
					t.Errorf("retry: %v", err)
				}
				a.must(a.send(api.Report{Kind: api.ReportInstalled, Job: j.ID, Install: &api.InstallEvidence{}}))
				r.state(1, imager.JobQuarantined)
			})
		})
	}
}

func TestApprovalNamesExactlyTheDrives(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		readOnly := drive(3)
		readOnly.ReadOnly = true
		stick := drive(4)
		stick.Removable, stick.Bus = true, api.BusUSB
		optical := drive(5)
		optical.Excluded = "optical"
		a := r.on(inventory(drive(0), drive(1), optical))
		try := func(want error, profile string, drives ...api.Drive) {
			t.Helper()
			ap := imager.Approval{Machine: 1, Profile: profile}
			for _, d := range drives {
				ap.Drives = append(ap.Drives, d.ID())
			}
			if _, err := r.c.Approve(t.Context(), "alice", ap); !errors.Is(err, want) {
				t.Errorf("approval of %d drives to %s: %v, want %v", len(drives), profile, err, want)
			}
		}
		try(imager.ErrConflict, "erase")
		try(imager.ErrConflict, "erase", drive(0))
		try(imager.ErrConflict, "erase", drive(0), drive(1), drive(2))
		try(imager.ErrConflict, "erase", drive(0), drive(1), optical)
		try(imager.ErrConflict, "erase", drive(0), drive(0), drive(1))
		try(imager.ErrNotFound, "none", drive(0), drive(1))
		if _, err := r.c.Approve(t.Context(), "alice", imager.Approval{Machine: 9}); !errors.Is(err, imager.ErrNotFound) {
			t.Errorf("an unknown machine: %v", err)
		}
		a.order(api.OrderWait)
		try(nil, "erase", drive(1), drive(0))
		try(imager.ErrConflict, "erase", drive(0), drive(1)) // a job is under way

		time.Sleep(time.Minute)
		a.must(r.c.Stop(t.Context(), "alice", 1, "test"))
		for name, drives := range map[string][]api.Drive{"double": {drive(0), drive(0)}, "read-only": {readOnly}, "none": nil} {
			time.Sleep(time.Minute)
			r.on(inventory(drives...))
			if _, err := r.c.Approve(t.Context(), "alice", r.approval(1, "erase")); !errors.Is(err, imager.ErrConflict) {
				t.Errorf("%s: %v", name, err)
			}
		}

		time.Sleep(time.Minute)
		b := r.on(inventory(drive(0), stick))
		// The stick may be named, and is left alone all the same.
		try(imager.ErrConflict, "sticks", stick)
		try(nil, "sticks", drive(0), stick)
		o := b.order(api.OrderErase).Erase
		if len(o.Drives) != 2 || o.Drives[1].Leave == "" || len(o.Drives[1].Methods) != 0 || o.Drives[1].Seed != nil {
			t.Errorf("order is %+v", o.Drives)
		}
		if left := r.view(1).Job.Left; len(left) != 1 || left[0].Why != "removable" {
			t.Errorf("the record says of what was left: %+v", left)
		}
	})
}

func TestApprovalExpires(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		a := r.on(inventory(drive(0)))
		r.approve(1, "erase")
		time.Sleep(12 * time.Hour)
		r.state(1, imager.JobVoid)
		a.order(api.OrderWait)
		r.state(1, imager.JobVoid)
	})
	bubble(t, func(t *testing.T, r *rig) {
		a := r.on(inventory(drive(0)))
		r.approve(1, "erase")
		time.Sleep(12*time.Hour - time.Second)
		a.order(api.OrderErase)
		time.Sleep(time.Hour) // begun in time
		r.state(1, imager.JobErasing)
	})
}
