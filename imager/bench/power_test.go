package bench_test

import (
	"testing"
	"time"

	"regain.example/agent/api"
	"regain.example/imager"
)

// TestBenchPowerCutWhileErasing: the same approval holds; what was accepted stays
// and the rest is erased again.
func TestBenchPowerCutWhileErasing(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		inv := inventory(drive(0), drive(1), drive(2))
		a := r.on(inv)
		j := r.approve(1, "erase")
		a.order(api.OrderErase)
		a.must(a.send(began(j.ID)...))
		a.erased(j.ID, drive(0))
		bad := evidence(drive(1))
		bad.Attempts[0].ReadBack.Mismatches = 3
		a.must(a.send(api.Report{Kind: api.ReportDrive, Job: j.ID, Drive: bad.Drive, Erase: bad}))

		time.Sleep(time.Minute)
		b := r.on(inv)
		o := b.order(api.OrderErase)
		if o.Erase.Job != j.ID || !o.Erase.Drives[0].Accepted || o.Erase.Drives[1].Accepted || o.Erase.Drives[2].Accepted {
			t.Fatalf("order is %+v", o.Erase)
		}
		b.must(b.send(report(j.ID, rechecked(o.Erase.Drives[0], drive(0)))))
		b.erased(j.ID, drive(1), drive(2))
		r.state(1, imager.JobDone)
		for _, d := range r.view(1).Job.Drives {
			if d.Outcome != imager.OutcomeErased || d.Evidence.Kept {
				t.Errorf("drive is %+v", d)
			}
		}
	})
}

func TestKeptWithoutEvidenceIsUnknown(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		a := r.on(inventory(drive(0)))
		j := r.approve(1, "erase")
		a.order(api.OrderErase)
		kept := api.DriveEvidence{Drive: drive(0).ID(), Before: drive(0), Kept: true}
		a.must(a.send(api.Report{Kind: api.ReportDrive, Job: j.ID, Drive: kept.Drive, Erase: &kept}))
		r.state(1, imager.JobQuarantined)
	})
}

// TestBenchPowerCutWhileInstalling: the installation begins again, with another
// first-boot token; the old one is withdrawn.
func TestBenchPowerCutWhileInstalling(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		a, j, first := installing(r)
		time.Sleep(time.Minute)
		b := r.on(a.inv)
		again := b.order(api.OrderInstall).Install
		if again.Job != j.ID || string(again.Seed["call"]) == string(first.Seed["call"]) {
			t.Fatalf("order is %+v", again)
		}
		b.must(b.send(api.Report{Kind: api.ReportInstalled, Job: j.ID, Install: installed(again)}))
		call := api.FirstBoot{Hostname: "pc-1"}
		refused(t, r.call("POST", "/first-boot/v1/"+string(first.Seed["call"]), "", call, nil), api.CodeClosed)
		b.must(r.call("POST", "/first-boot/v1/"+string(again.Seed["call"]), "", call, nil))
		r.state(1, imager.JobDone)
	})
}

// installing brings a machine to the order to install.
func installing(r *rig) (*agent, imager.Job, *api.InstallOrder) {
	r.t.Helper()
	a := r.on(inventory(drive(0)))
	j := r.approve(1, "debian")
	a.order(api.OrderErase)
	a.must(a.send(began(j.ID)...))
	a.erased(j.ID, drive(0))
	return a, j, a.order(api.OrderInstall).Install
}

// TestRestoredController: the controller comes back from an older backup that
// knows nothing of the session; the agent registers again and loses nothing.
func TestRestoredController(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		inv := inventory(drive(0))
		r.on(inv)
		j := r.approve(1, "erase")
		a := r.boot(inv)
		// As after a restore: this boot's session is not there. Its token is old.
		time.Sleep(30 * time.Hour / 2)
		q := api.RegisterRequest{Version: api.Version, Token: a.token, Nonce: a.nonce, Inventory: inv}
		refused(t, a.registerAs(q), api.CodeToken)
		q.Again = true
		a.must(a.registerAs(q))
		r.state(1, imager.JobVoid) // expired meanwhile
		_ = j
	})
	bubble(t, func(t *testing.T, r *rig) {
		inv := inventory(drive(0))
		r.on(inv)
		j := r.approve(1, "erase")
		time.Sleep(time.Hour)
		a := r.boot(inv)
		q := api.RegisterRequest{Version: api.Version, Token: a.token, Nonce: a.nonce, Inventory: inv, Again: true, Holds: []api.DriveID{drive(0).ID()}}
		a.must(a.registerAs(q))
		a.erased(j.ID, drive(0)) // before it has asked for an order
		r.state(1, imager.JobDone)
	})
}

// TestControllerBehind: the session is known, its last reports are not.
func TestControllerBehind(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		inv := inventory(drive(0), drive(1))
		a := r.on(inv)
		j := r.approve(1, "erase")
		a.order(api.OrderErase)
		a.must(a.send(began(j.ID)...))
		a.seq += 4
		refused(t, a.send(api.Report{Kind: api.ReportTrouble}), api.CodeBehind)
		old := a.session
		a.must(a.registerAs(api.RegisterRequest{Version: api.Version, Token: a.token, Nonce: a.nonce, Inventory: inv, Again: true}))
		if a.session.Session == old.Session || a.session.Durable != 0 {
			t.Fatalf("the new session is %+v", a.session)
		}
		// The same process goes on at once, without a grace time.
		if o := a.order(api.OrderErase); o.Erase.Job != j.ID {
			t.Errorf("order is %+v", o)
		}
		a.erased(j.ID, drive(0), drive(1))
		r.state(1, imager.JobDone)
		refused(t, r.call("GET", "/agent/v1/order", old.Session+":"+old.Key, nil, nil), api.CodeUnknownSession)
		if h := r.view(1).Machine.Halted; h != "" {
			t.Errorf("halted: %s", h)
		}
	})
}

// TestAgentCrashed: the agent that is started again in the same boot reports what
// was left; its outcome is unknown.
func TestAgentCrashed(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		inv := inventory(drive(0))
		a := r.on(inv)
		j := r.approve(1, "erase")
		a.order(api.OrderErase)
		a.must(a.send(began(j.ID)...))
		a.must(a.registerAs(api.RegisterRequest{Version: api.Version, Token: a.token, Nonce: a.nonce, Inventory: inv, Again: true}))
		a.must(a.send(api.Report{Kind: api.ReportDrive, Job: j.ID, Erase: &api.DriveEvidence{Drive: drive(0).ID(), Before: drive(0), Stopped: "agent crashed"}}))
		r.state(1, imager.JobQuarantined)
	})
}
