package bench_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"regain.example/agent/api"
	"regain.example/imager"
	"regain.example/imager/bench"
	"regain.example/imager/control"
	"time"
)

// fullDisk is a store whose next commits fail.
type fullDisk struct {
	control.Store
	full bool
}

func (f *fullDisk) Commit(ctx context.Context, c control.Change) error {
	if f.full {
		return fmt.Errorf("%w: no space left on device", imager.ErrStorage)
	}
	return f.Store.Commit(ctx, c)
}

// onDiskThatFills starts the controller again, over the same store on a disk that
// can be full.
func (r *rig) onDiskThatFills() *fullDisk {
	r.t.Helper()
	disk := &fullDisk{Store: r.store}
	var err error
	if r.c, err = control.New(r.t.Context(), disk, &r.images, seed, r.config); err != nil {
		r.t.Fatal(err)
	}
	r.api = bench.Handler(r.c, r.config.Log, time.Now)
	return disk
}

// TestDiskFull: nothing is acknowledged, nothing changes, and the same requests
// succeed when there is room again.
func TestDiskFull(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		disk := r.onDiskThatFills()

		disk.full = true
		a := r.boot(inventory(drive(0)))
		refused(t, a.register(), api.CodeStorage)
		disk.full = false
		a.must(a.register())

		disk.full = true
		if _, err := r.c.Approve(t.Context(), "alice", r.approval(1, "erase")); !errors.Is(err, imager.ErrStorage) {
			t.Errorf("approve: %v", err)
		}
		disk.full = false
		if v := r.view(1); v.Job != nil {
			t.Fatalf("an approval that could not be stored is there: %+v", v.Job)
		}
		j := r.approve(1, "erase")

		disk.full = true
		_, err := a.poll()
		refused(t, err, api.CodeStorage) // no order to erase that is not on the disk
		r.state(1, imager.JobApproved)
		disk.full = false
		a.order(api.OrderErase)

		report := api.Report{Seq: 1, Kind: api.ReportDrive, Job: j.ID, Erase: evidence(drive(0))}
		disk.full = true
		a.seq = 1
		refused(t, a.resend(report), api.CodeStorage)
		r.state(1, imager.JobErasing)
		r.close()
		r.open()
		a.must(a.resend(report))
		r.state(1, imager.JobDone)
	})
}

// TestConcurrentRequests: many agents and operators at once leave a consistent
// store, in which every acknowledged report is.
func TestConcurrentRequests(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		const machines = 12
		done := make(chan error)
		agents := make([]*agent, machines)
		for i := range machines {
			d := drive(i)
			inv := inventory(d)
			inv.System = api.System{Serial: fmt.Sprintf("MACHINE%02d", i), UUID: fmt.Sprintf("4c4c4544-0042-3510-8052-b4c04f4d%04x", i)}
			inv.NICs = []api.NIC{{MAC: fmt.Sprintf("00:1b:21:00:01:%02x", i), Boot: true}}
			agents[i] = r.on(inv)
			r.approve(agents[i].number(), "erase")
			time.Sleep(time.Second)
		}
		for i, a := range agents {
			go func() {
				o, err := a.poll()
				if err == nil && o.Erase == nil {
					err = fmt.Errorf("order is %+v", o)
				}
				if err == nil {
					d := drive(i)
					err = a.send(append(began(o.Erase.Job), api.Report{Kind: api.ReportDrive, Job: o.Erase.Job, Erase: evidence(d)})...)
				}
				done <- err
			}()
		}
		for range machines {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		r.restart()
		for _, a := range agents {
			r.state(a.number(), imager.JobDone)
		}
	})
}
