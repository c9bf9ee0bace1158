package bench_test

import (
	"testing"
	"testing/synctest"
	"time"

	"regain.example/agent/api"
	"regain.example/imager"
	"regain.example/imager/control"
)

// TestWholeJob goes from the first boot packet to the first boot of the installed
// system. The controller is killed and started again after every step.
func TestWholeJob(t *testing.T) {
	for name, restart := range map[string]func(*rig){
		"controller stays":                  func(*rig) {},
		"controller restarts at every step": (*rig).restart,
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, r *rig) { wholeJob(t, r, func() { restart(r) }) })
		})
	}
}

func wholeJob(t *testing.T, r *rig, restart func()) {
	drives := []api.Drive{nvmeDrive(), drive(0)}
	a := r.on(inventory(drives...))
	restart()
	if o := a.order(api.OrderWait); o.Machine.Number != 1 || o.Machine.Name != "Dell Inc. OptiPlex 7050" {
		t.Errorf("the machine is called %+v", o.Machine)
	}
	j := r.approve(1, "debian")
	restart()
	o := a.order(api.OrderErase)
	if o.Erase.Job != j.ID || len(o.Erase.Drives) != 2 || o.Erase.CountdownSeconds != 30 {
		t.Fatalf("order is %+v", o.Erase)
	}
	if d := o.Erase.Drives[0]; len(d.Seed) != 32 || len(d.Methods) != 3 || d.Methods[0] != api.MethodFormatCrypto {
		t.Errorf("order for the NVMe drive is %+v", d)
	}
	restart()
	a.must(a.send(began(j.ID)...))
	restart()
	a.erased(j.ID, drives[0])
	restart()
	r.state(1, imager.JobErasing)
	a.erased(j.ID, drives[1])
	restart()
	r.state(1, imager.JobAccepted)
	install := a.order(api.OrderInstall).Install
	if install.Drive != drives[0].ID() && install.Drive != drives[1].ID() || install.Image != "debian" {
		t.Fatalf("order is %+v", install)
	}
	restart()
	a.must(a.send(api.Report{Kind: api.ReportInstalled, Job: j.ID, Install: installed(install)}))
	restart()
	end := a.order(api.OrderEnd).End
	if !end.Green || end.Action != api.EndRestart {
		t.Errorf("end is %+v", end)
	}
	a.must(a.send(api.Report{Kind: api.ReportLeaving}))
	restart()
	ownDisk(t, r)
	time.Sleep(90 * time.Second)
	token := string(install.Seed["call"])
	call := api.FirstBoot{Hostname: "pc-1", MachineID: "0123", RootDevice: "/dev/nvme0n1p3"}
	a.must(r.call("POST", "/first-boot/v1/"+token, "", call, nil))
	restart()
	r.state(1, imager.JobDone)
	refused(t, r.call("POST", "/first-boot/v1/"+token, "", call, nil), api.CodeClosed)
	ownDisk(t, r)
	v := r.view(1)
	if v.Job.FirstBoot.Call.Hostname != "pc-1" || len(v.Job.Log) < 8 || v.Job.Phases[len(v.Job.Phases)-1].Phase != api.PhaseFirstBoot {
		t.Errorf("the record is %+v", v.Job)
	}
}

func ownDisk(t *testing.T, r *rig) {
	t.Helper()
	d, err := r.c.BootDecision(t.Context(), control.BootClient{MAC: mac1, UUID: uuid1})
	if err != nil || d.Action != control.BootLocalDisk {
		t.Fatalf("boot decision is %+v, %v", d, err)
	}
}

func TestEraseOnly(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		a := r.on(inventory(drive(0)))
		j := r.approve(1, "erase")
		a.order(api.OrderErase)
		a.must(a.send(began(j.ID)...))
		a.erased(j.ID, drive(0))
		r.state(1, imager.JobDone)
		if end := a.order(api.OrderEnd).End; !end.Green || end.Verdict != "ERASED" {
			t.Errorf("end is %+v", end)
		}
		time.Sleep(time.Minute)
		a.must(a.send(api.Report{Kind: api.ReportLeaving}))
		// Its approval is used up: when it starts the agent again it is a stranger.
		a.must(r.c.Release(t.Context(), "alice", 1))
		r.on(inventory(drive(0))).order(api.OrderWait)
	})
}

func TestLongPollBringsTheApproval(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		a := r.on(inventory(drive(0)))
		a.order(api.OrderWait)
		got := make(chan api.Order)
		go func() {
			o, err := a.poll()
			if err != nil {
				t.Error(err)
			}
			got <- o
		}()
		time.Sleep(5 * time.Second)
		began := time.Now()
		r.approve(1, "erase")
		if o := <-got; o.Kind != api.OrderErase {
			t.Errorf("order is %+v", o)
		}
		if took := time.Since(began); took > time.Second {
			t.Errorf("the order took %s", took)
		}
		synctest.Wait()
	})
}

func TestLongPollEndsWithoutNews(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		a := r.on(inventory(drive(0)))
		first := a.order(api.OrderWait)
		began := time.Now()
		if again := a.order(api.OrderWait); again.Revision != first.Revision {
			t.Errorf("revision went from %d to %d without a change", first.Revision, again.Revision)
		}
		if took := time.Since(began); took < 10*time.Second || took > 30*time.Second {
			t.Errorf("the poll took %s", took)
		}
	})
}
