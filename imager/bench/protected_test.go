package bench_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"regain.example/agent/api"
	"regain.example/imager"
)

// protect restarts the controller with a longer list of what is protected.
func (r *rig) protect(p imager.Protected) {
	r.t.Helper()
	p.Reason = "the accountant's"
	r.config.Protected = append(r.config.Protected, p)
	r.restart()
}

// TestProtectedIsNotApproved: neither a machine nor one with a protected drive,
// with the words that the page shows; a machine that only resembles it is.
func TestProtectedIsNotApproved(t *testing.T) {
	wwn := drive(1)
	wwn.WWN = "naa.5000c500a1b2c3d4"
	for name, c := range map[string]struct {
		list    imager.Protected
		refused bool
	}{
		"by UUID":           {imager.Protected{UUID: uuid1}, true},
		"by serial":         {imager.Protected{Serial: "b5r5m22"}, true},
		"by MAC":            {imager.Protected{MAC: mac1}, true},
		"by drive serial":   {imager.Protected{DriveSerial: "SER0000"}, true},
		"by drive WWN":      {imager.Protected{DriveWWN: "naa.5000c500a1b2c3d4"}, true},
		"both":              {imager.Protected{Serial: "B5R5M22", DriveSerial: "SER0000"}, true},
		"another machine":   {imager.Protected{Serial: "B5R5M23"}, false},
		"another drive":     {imager.Protected{DriveSerial: "SER0009"}, false},
		"one of two fields": {imager.Protected{Serial: "B5R5M22", DriveSerial: "SER0009"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, r *rig) {
				r.protect(c.list)
				a := r.on(inventory(drive(0), wwn))
				blocked := r.view(1).Blocked
				_, err := r.c.Approve(t.Context(), "alice", r.approval(1, "erase"))
				if !c.refused {
					if err != nil || len(blocked) != 0 {
						t.Errorf("blocked by %q, %v", blocked, err)
					}
					return
				}
				if len(blocked) != 1 || !strings.Contains(blocked[0], "the accountant's") {
					t.Fatalf("the page says %q", blocked)
				}
				if !errors.Is(err, imager.ErrConflict) || !strings.Contains(err.Error(), blocked[0]) {
					t.Errorf("approved: %v", err)
				}
				a.order(api.OrderWait)
			})
		})
	}
}

// TestProtectedAfterTheApproval: the list is older than no approval. Nothing is
// ordered any more that destroys; what is under way is stopped.
func TestProtectedAfterTheApproval(t *testing.T) {
	list := imager.Protected{DriveSerial: "ser0000"}
	ended := func(t *testing.T, r *rig, want imager.JobState) {
		t.Helper()
		r.state(1, want)
		if reason := r.view(1).Job.Reason; !strings.Contains(reason, "the accountant's") {
			t.Errorf("the reason is %q", reason)
		}
	}
	t.Run("approved", func(t *testing.T) {
		bubble(t, func(t *testing.T, r *rig) {
			a := r.on(inventory(drive(0)))
			r.approve(1, "erase")
			r.protect(list)
			a.order(api.OrderWait)
			ended(t, r, imager.JobVoid)
		})
	})
	t.Run("in the countdown", func(t *testing.T) {
		bubble(t, func(t *testing.T, r *rig) {
			a, j := erasing(r, "erase", drive(0))
			r.protect(list)
			a.order(api.OrderStop)
			a.must(a.send(api.Report{Kind: api.ReportStopped, Job: j.ID}))
			ended(t, r, imager.JobVoid)
			a.order(api.OrderWait)
		})
	})
	t.Run("in the countdown, then off", func(t *testing.T) {
		bubble(t, func(t *testing.T, r *rig) {
			erasing(r, "erase", drive(0))
			r.protect(list)
			r.again(drive(0)).order(api.OrderWait)
			ended(t, r, imager.JobVoid)
		})
	})
	t.Run("amid the erasure", func(t *testing.T) {
		bubble(t, func(t *testing.T, r *rig) {
			a, j := erasing(r, "erase", drive(0))
			a.must(a.send(step(j.ID, drive(0), api.MethodOverwrite, api.StageOffset, 1<<20)))
			r.protect(list)
			a.order(api.OrderStop)
			a.must(a.send(api.Report{Kind: api.ReportStopped, Job: j.ID}))
			ended(t, r, imager.JobCancelled)
		})
	})
	t.Run("amid the erasure, then off", func(t *testing.T) {
		bubble(t, func(t *testing.T, r *rig) {
			a, j := erasing(r, "erase", drive(0))
			a.must(a.send(began(j.ID)...))
			r.protect(list)
			r.again(drive(0)).order(api.OrderWait)
			ended(t, r, imager.JobCancelled)
		})
	})
	t.Run("amid the installation", func(t *testing.T) {
		bubble(t, func(t *testing.T, r *rig) {
			a, j, _ := installing(r)
			r.protect(list)
			a.order(api.OrderStop)
			a.must(a.send(api.Report{Kind: api.ReportStopped, Job: j.ID}))
			ended(t, r, imager.JobCancelled)
		})
	})
	t.Run("before another try", func(t *testing.T) {
		bubble(t, func(t *testing.T, r *rig) {
			a, j, o := installing(r)
			bad := installed(o)
			bad.Error = "x"
			a.must(a.send(api.Report{Kind: api.ReportInstalled, Job: j.ID, Install: bad}))
			r.protect(list)
			if err := r.c.Retry(t.Context(), "alice", 1); !errors.Is(err, imager.ErrConflict) || !strings.Contains(err.Error(), "the accountant's") {
				t.Errorf("retry: %v", err)
			}
			r.state(1, imager.JobInstallFailed)
		})
	})
}

// TestHiddenStorageBlocks: what could hold a drive that nobody sees stands against
// an approval, also against one that was given before it came.
func TestHiddenStorageBlocks(t *testing.T) {
	hidden := inventory(drive(0))
	hidden.Storage = []api.StorageDevice{{Kind: api.StoragePCI, Address: "0000:00:17.0", Class: 0x010400, Driver: ""}}
	bubble(t, func(t *testing.T, r *rig) {
		r.on(hidden)
		blocked := r.view(1).Blocked
		if len(blocked) == 0 || !strings.Contains(blocked[0], "0000:00:17.0") {
			t.Fatalf("the page says %q", blocked)
		}
		if _, err := r.c.Approve(t.Context(), "alice", r.approval(1, "erase")); !errors.Is(err, imager.ErrConflict) || !strings.Contains(err.Error(), blocked[0]) {
			t.Errorf("approved: %v", err)
		}
	})
	bubble(t, func(t *testing.T, r *rig) {
		r.on(inventory(drive(0)))
		r.approve(1, "erase")
		time.Sleep(time.Minute)
		r.on(hidden).order(api.OrderWait)
		void(t, r, "0000:00:17.0")
	})
}
