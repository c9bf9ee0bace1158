package bench_test

import (
	"strings"
	"testing"
	"time"

	"regain.example/agent/api"
	"regain.example/imager"
)

// TestReportsTwiceAndLate: each is applied once, in order, whatever is sent again.
func TestReportsTwiceAndLate(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		a := r.on(inventory(drive(0), drive(1)))
		j := r.approve(1, "erase")
		a.order(api.OrderErase)
		all := began(j.ID)
		a.must(a.send(all...))
		before := len(r.view(1).Log)
		for range 3 {
			a.must(a.resend(all...))
			a.must(a.resend(all[1]))
			r.restart()
		}
		if v := r.view(1); len(v.Log) != before || len(v.Job.Phases) != 2 {
			t.Errorf("%d entries instead of %d, phases %+v", len(v.Log), before, v.Job.Phases)
		}
		// Half of a batch is known already.
		late := append(all[1:], api.Report{Seq: 4, Kind: api.ReportTrouble, Message: "loose cable"})
		a.seq = 4
		a.must(a.resend(late...))
		if v := r.view(1); len(v.Log) != before+1 {
			t.Errorf("%d entries instead of %d", len(v.Log), before+1)
		}
		a.must(a.resend()) // none at all
	})
}

func TestReportsOutOfOrder(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		a := r.on(inventory(drive(0)))
		trouble := func(seq uint64) api.Report { return api.Report{Seq: seq, Kind: api.ReportTrouble} }
		refused(t, a.resend(trouble(0)), api.CodeBadRequest)
		refused(t, a.resend(trouble(1), trouble(3)), api.CodeBadRequest)
		refused(t, a.resend(trouble(2), trouble(1)), api.CodeBadRequest)
		refused(t, a.resend(trouble(1), trouble(1)), api.CodeBadRequest)
		refused(t, a.resend(trouble(2)), api.CodeBehind)
		if n := len(r.view(1).Log); n != 1 {
			t.Errorf("refused reports left %d entries", n)
		}
	})
}

// TestEvidenceCountsOnce: a drive's second evidence does not replace its first.
func TestEvidenceCountsOnce(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		a := r.on(inventory(drive(0), drive(1)))
		j := r.approve(1, "erase")
		a.order(api.OrderErase)
		bad := evidence(drive(0))
		bad.Stopped = "drive disappeared"
		a.must(a.send(api.Report{Kind: api.ReportDrive, Job: j.ID, Erase: bad}))
		a.erased(j.ID, drive(0)) // a second word on the same drive
		if d := r.view(1).Job.Drives[0]; d.Outcome != imager.OutcomeUnknown {
			t.Errorf("outcome is %s", d.Outcome)
		}
		a.erased(j.ID, drive(1))
		r.state(1, imager.JobQuarantined)
	})
}

// TestGoodEvidenceAfterBad: once the places of the samples are told, good
// evidence could be made up of them; what came first counts.
func TestGoodEvidenceAfterBad(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		a, j := erasing(r, "erase", drive(0), drive(1))
		a.must(a.send(step(j.ID, drive(0), api.MethodOverwrite, api.StageBegun, 0),
			step(j.ID, drive(0), api.MethodOverwrite, api.StageCompleted, 0)))
		good := evidence(drive(0))
		good.Attempts[0].Sampling = sampling(a.drive(a.order(api.OrderErase), drive(0)), api.MethodOverwrite)
		bad := evidence(drive(0))
		bad.Attempts[0].ReadBack.Mismatches = 1
		a.must(a.send(report(j.ID, bad)))
		first := *r.view(1).Job.Drives[0]
		if first.Evidence == nil || first.Outcome == imager.OutcomeErased {
			t.Fatalf("drive is %+v", first)
		}
		a.must(a.send(report(j.ID, good)))
		if d := r.view(1).Job.Drives[0]; d.Outcome != first.Outcome || d.Reason != first.Reason || d.EvidenceFile != first.EvidenceFile {
			t.Errorf("%s (%s) became %s (%s)", first.Outcome, first.Reason, d.Outcome, d.Reason)
		}
		a.erased(j.ID, drive(1))
		r.state(1, imager.JobQuarantined)
	})
}

// TestReportsThatDoNotBelong change nothing, and do not block what follows.
func TestReportsThatDoNotBelong(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		a := r.on(inventory(drive(0)))
		unasked := []api.Report{
			{Kind: api.ReportDrive, Job: "none", Erase: evidence(drive(0))},
			{Kind: "new kind"}, {Kind: ""},
		}
		a.must(a.send(unasked...))
		j := r.approve(1, "debian")
		a.must(a.send(api.Report{Kind: api.ReportDrive, Job: j.ID, Erase: evidence(drive(0))})) // before the order
		r.state(1, imager.JobApproved)
		a.order(api.OrderErase)
		a.must(a.send(
			api.Report{Kind: api.ReportDrive, Job: j.ID},
			api.Report{Kind: api.ReportDrive, Job: j.ID, Erase: evidence(drive(7))},
			api.Report{Kind: api.ReportInstalled, Job: j.ID, Install: &api.InstallEvidence{}},
			api.Report{Kind: api.ReportInstalled, Job: j.ID},
			api.Report{Kind: api.ReportPhaseBegan, Job: j.ID, Phase: "magic"},
			api.Report{Kind: api.ReportPhaseEnded, Job: j.ID, Phase: api.PhaseVerify},
			api.Report{Kind: api.ReportPhaseBegan, Job: j.ID, Phase: api.PhaseErase, Drive: "other"},
			api.Report{Kind: "new kind", Job: j.ID},
		))
		v := r.view(1)
		if v.Job.State != imager.JobErasing || len(v.Job.Phases) != 0 || v.Job.Drives[0].Evidence != nil {
			t.Errorf("job is %+v", v.Job)
		}
		a.erased(j.ID, drive(0))
		r.state(1, imager.JobAccepted)
	})
}

// TestTextsOfAMachine: no line breaks, no control characters, no flood.
func TestTextsOfAMachine(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		a := r.on(inventory(drive(0)))
		a.must(a.send(api.Report{Kind: api.ReportTrouble, Message: "a\n2026 alice approved\x1b[2J\u202e" + strings.Repeat("x", 5000)}))
		text := r.view(1).Log[0].Text
		if strings.ContainsAny(text, "\n\x1b\u202e") || len(text) > 600 {
			t.Errorf("the log says %q", text)
		}
		a.seq = 4095
		flood := make([]api.Report, 0, 5000)
		for i := range 5000 {
			flood = append(flood, api.Report{Seq: uint64(i + 2), Kind: api.ReportTrouble})
		}
		refused(t, a.resend(flood...), api.CodeBusy)
	})
}

// TestProgress is in memory, and its offsets reach the disk once a minute.
func TestProgress(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		a := r.on(inventory(drive(0)))
		j := r.approve(1, "erase")
		a.order(api.OrderErase)
		p := api.Progress{Job: j.ID, Drives: []api.DriveProgress{{Drive: drive(0).ID(), Phase: api.PhaseErase, Total: 64 << 20}}}
		writes := 0
		version := r.view(1).Job.Version
		for i := range 180 {
			p.Drives[0].Done = uint64(i) << 10
			a.must(a.progress(p))
			if v := r.view(1); v.Progress == nil || v.Progress.Drives[0].Done != uint64(i)<<10 || !v.Online {
				t.Fatalf("the view is %+v", v)
			} else if v.Job.Version != version {
				writes, version = writes+1, v.Job.Version
			}
			time.Sleep(time.Second)
		}
		if writes != 2 {
			t.Errorf("%d writes in 3 minutes", writes)
		}
		r.restart()
		v := r.view(1)
		if v.Progress != nil || v.Online || v.Job.Drives[0].Offset < 100<<10 {
			t.Errorf("after a restart: %+v, offset %d", v, v.Job.Drives[0].Offset)
		}
		a.must(a.progress(api.Progress{Job: "other", Drives: p.Drives}))
		if r.view(1).Progress != nil {
			t.Error("progress of another job is shown")
		}
	})
}
