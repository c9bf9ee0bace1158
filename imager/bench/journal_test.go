package bench_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"regain.example/agent/api"
	"regain.example/imager"
)

// erasing brings a machine to the order to erase.
func erasing(r *rig, profile string, drives ...api.Drive) (*agent, imager.Job) {
	r.t.Helper()
	a := r.on(inventory(drives...))
	j := r.approve(1, profile)
	if o := a.order(api.OrderErase); mentionsSeed(r.t, o) {
		r.t.Fatalf("the first order names the samples: %+v", o.Erase)
	}
	return a, j
}

// mentionsSeed looks at the order as it crosses the wire.
func mentionsSeed(t *testing.T, o api.Order) bool {
	t.Helper()
	text, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Contains(text, []byte("sample_seed"))
}

// now is the order whatever the agent has seen.
func (a *agent) now() api.Order {
	a.rig.t.Helper()
	a.after = 0
	return a.order(api.OrderErase)
}

// TestSeedFollowsTheCompletion: nobody at the bench knows where samples are read
// until the completion of that drive is on the disk, whatever is asked and however
// often; afterwards it stays what it is.
func TestSeedFollowsTheCompletion(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		a, j := erasing(r, "erase", drive(0), drive(1))
		for _, s := range []struct {
			stage  api.Stage
			offset uint64
		}{{api.StageBegun, 0}, {api.StageOffset, 1 << 20}, {api.StageOffset, 32 << 20}} {
			a.must(a.send(step(j.ID, drive(0), api.MethodOverwrite, s.stage, s.offset)))
			r.restart()
			if o := a.now(); mentionsSeed(t, o) {
				t.Fatalf("after %s the order names the samples: %+v", s.stage, o.Erase)
			}
		}
		completed := step(j.ID, drive(0), api.MethodOverwrite, api.StageCompleted, 0)
		a.must(a.send(completed))
		o := a.order(api.OrderErase) // sent again, without being asked for anew
		seed := a.drive(o, drive(0)).SampleSeed
		if len(seed) != 32 || bytes.Equal(seed, a.drive(o, drive(0)).Seed) {
			t.Errorf("the seed is %x", seed)
		}
		if other := a.drive(o, drive(1)).SampleSeed; other != nil {
			t.Errorf("the other drive has a seed, too: %x", other)
		}
		r.restart()
		a.must(a.send(completed)) // by an agent that was not sure
		if again := a.drive(a.now(), drive(0)).SampleSeed; !bytes.Equal(again, seed) {
			t.Errorf("a second word of the completion drew %x after %x", again, seed)
		}
		a.must(a.send(step(j.ID, drive(1), api.MethodOverwrite, api.StageCompleted, 0)))
		if other := a.drive(a.now(), drive(1)).SampleSeed; len(other) != 32 || bytes.Equal(other, seed) {
			t.Errorf("the other drive's seed is %x", other)
		}
	})
}

// TestSeedOfWhatFollows: the overwrite after a cryptographic erasure makes the
// known places worthless, and gets others.
func TestSeedOfWhatFollows(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		d := nvmeDrive()
		a, j := erasing(r, "erase", d)
		if do := a.drive(a.now(), d); do.Follow != api.MethodOverwrite {
			t.Fatalf("order is %+v", do)
		}
		a.must(a.send(step(j.ID, d, api.MethodFormatCrypto, api.StageBegun, 0), step(j.ID, d, api.MethodFormatCrypto, api.StageCompleted, 0)))
		first := a.drive(a.now(), d).SampleSeed
		a.must(a.send(step(j.ID, d, api.MethodOverwrite, api.StageBegun, 0)))
		if o := a.now(); mentionsSeed(t, o) {
			t.Errorf("during the overwrite the order names samples: %+v", o.Erase)
		}
		a.must(a.send(step(j.ID, d, api.MethodOverwrite, api.StageCompleted, 0)))
		if second := a.drive(a.now(), d).SampleSeed; len(first) != 32 || len(second) != 32 || bytes.Equal(first, second) {
			t.Errorf("seeds %x, %x", first, second)
		}
	})
}

// TestJournalAfterAPowerCut: what was acknowledged is there after the controller
// was killed, and the next boot of the machine is told of it.
func TestJournalAfterAPowerCut(t *testing.T) {
	steps := []api.JournalEntry{
		{Method: api.MethodSanitizeBlock, Stage: api.StageBegun},
		{Method: api.MethodSanitizeBlock, Stage: api.StageAccepted},
		{Method: api.MethodSanitizeBlock, Stage: api.StageCompleted},
		{Method: api.MethodFormat, Stage: api.StageBegun},
		{Method: api.MethodOverwrite, Stage: api.StageBegun},
		{Method: api.MethodOverwrite, Stage: api.StageOffset, Offset: 5 << 20, Pattern: "test-1"},
		{Method: api.MethodOverwrite, Stage: api.StageCompleted},
	}
	for _, e := range steps {
		t.Run(string(e.Method)+" "+string(e.Stage), func(t *testing.T) {
			bubble(t, func(t *testing.T, r *rig) {
				d := nvmeDrive()
				d.NVMe.SANICAP, d.NVMe.FNA = 2, 0
				a, j := erasing(r, "erase", d)
				a.must(a.send(named(step(j.ID, d, e.Method, e.Stage, e.Offset), e.Pattern)))
				told := time.Now()
				r.restart()
				if got := r.view(1).Job.Drives[0].Journal; got == nil || got.JournalEntry != e || told.Sub(got.At) > time.Second || got.At.After(told) {
					t.Fatalf("the journal is %+v", got)
				}
				time.Sleep(time.Minute)
				b := r.on(inventory(d))
				o := b.order(api.OrderErase)
				do := b.drive(o, d)
				if do.Resume == nil || do.Resume.JournalEntry != e || len(do.Methods) != 1 || do.Methods[0] != e.Method {
					t.Errorf("order is %+v, %+v", do, do.Resume)
				}
				if mentionsSeed(t, o) {
					t.Error("the new boot knows the samples of the one before")
				}
				// The boot after that is told of the same, until there is news.
				time.Sleep(time.Minute)
				c := r.on(inventory(d))
				if do := c.drive(c.order(api.OrderErase), d); do.Resume == nil || do.Resume.JournalEntry != e {
					t.Errorf("order of the third boot is %+v", do)
				}
			})
		})
	}
}

// TestOverwriteResumed goes on where the journal says, to the end.
func TestOverwriteResumed(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		a, j := erasing(r, "erase", drive(0))
		a.must(a.send(step(j.ID, drive(0), api.MethodOverwrite, api.StageBegun, 0), step(j.ID, drive(0), api.MethodOverwrite, api.StageOffset, 32<<20)))
		time.Sleep(time.Minute)
		b := r.on(inventory(drive(0)))
		do := b.drive(b.order(api.OrderErase), drive(0))
		b.must(b.send(step(j.ID, drive(0), api.MethodOverwrite, api.StageOffset, 48<<20), step(j.ID, drive(0), api.MethodOverwrite, api.StageCompleted, 0)))
		ev := evidence(drive(0))
		ev.Resumed = do.Resume
		ev.Attempts[0].Overwrite.From, ev.Attempts[0].Overwrite.BytesWritten = 32<<20, 32<<20
		ev.Attempts[0].Sampling = sampling(b.drive(b.now(), drive(0)), api.MethodOverwrite)
		b.must(b.send(report(j.ID, ev)))
		r.state(1, imager.JobDone)
	})
}

func named(r api.Report, pattern string) api.Report {
	r.Journal.Pattern = pattern
	return r
}

// TestStepsThatDoNotFit are noted and change nothing.
func TestStepsThatDoNotFit(t *testing.T) {
	over := func(s api.Stage, offset uint64) api.Report { return step("", drive(0), api.MethodOverwrite, s, offset) }
	for name, c := range map[string]struct {
		before []api.Report
		odd    api.Report
	}{
		"no step":              {nil, api.Report{Kind: api.ReportJournal, Drive: drive(0).ID()}},
		"no drive":             {nil, step("", drive(7), api.MethodOverwrite, api.StageBegun, 0)},
		"method not planned":   {nil, step("", drive(0), api.MethodSanitizeBlock, api.StageCompleted, 0)},
		"unknown stage":        {nil, over("done", 0)},
		"no stage":             {nil, over("", 0)},
		"beyond the end":       {nil, over(api.StageOffset, drive(0).SizeBytes+1)},
		"long pattern":         {nil, named(over(api.StageBegun, 0), strings.Repeat("x", 65))},
		"odd pattern":          {nil, named(over(api.StageBegun, 0), "a\nb")},
		"offset goes back":     {[]api.Report{over(api.StageBegun, 0), over(api.StageOffset, 9<<20)}, over(api.StageOffset, 8<<20)},
		"stage goes back":      {[]api.Report{over(api.StageOffset, 9<<20)}, over(api.StageAccepted, 0)},
		"method goes back":     {[]api.Report{step("", nvmeDrive(), api.MethodFormat, api.StageBegun, 0)}, step("", nvmeDrive(), api.MethodFormatCrypto, api.StageCompleted, 0)},
		"after the completion": {[]api.Report{over(api.StageCompleted, 0)}, over(api.StageOffset, 9<<20)},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, r *rig) {
				a, j := erasing(r, "erase", drive(0), drive(1), nvmeDrive())
				send := func(rs ...api.Report) {
					for _, report := range rs {
						report.Job = j.ID
						a.must(a.send(report))
					}
				}
				send(c.before...)
				before, log := r.view(1).Job.Drives, len(r.view(1).Log)
				send(c.odd)
				after, lines := r.view(1).Job.Drives, r.view(1).Log
				if !reflect.DeepEqual(before, after) {
					t.Errorf("it changed %+v into %+v", before, after)
				}
				if len(lines) != log+1 || !strings.Contains(lines[0].Text, "does not fit") {
					t.Errorf("the record says %q", lines[0].Text)
				}
				send(over(api.StageBegun, 0)) // what does fit goes on
			})
		})
	}
}

// TestStepsOfADriveThatIsDone: neither accepted evidence nor evidence at all is
// followed by more work in the same boot.
func TestStepsOfADriveThatIsDone(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		a, j := erasing(r, "erase", drive(0), drive(1), drive(2))
		a.erased(j.ID, drive(0))
		bad := evidence(drive(1))
		bad.Stopped = "drive disappeared"
		a.must(a.send(report(j.ID, bad)))
		seed := r.view(1).Job.Drives[0].SampleSeed
		for _, d := range []api.Drive{drive(0), drive(1)} {
			a.must(a.send(step(j.ID, d, api.MethodOverwrite, api.StageBegun, 0), step(j.ID, d, api.MethodOverwrite, api.StageCompleted, 0)))
		}
		done := r.view(1).Job.Drives
		if !bytes.Equal(done[0].SampleSeed, seed) || done[1].SampleSeed != nil || done[1].Journal != nil {
			t.Errorf("drives are %+v, %+v", done[0], done[1])
		}
		a.erased(j.ID, drive(2))
		r.state(1, imager.JobQuarantined)
		a.must(a.send(step(j.ID, drive(1), api.MethodOverwrite, api.StageCompleted, 0)))
		if d := r.view(1).Job.Drives[1]; d.SampleSeed != nil {
			t.Errorf("a quarantined drive has a seed: %+v", d)
		}
	})
	bubble(t, func(t *testing.T, r *rig) {
		a, j := erasing(r, "erase", drive(0))
		time.Sleep(5 * time.Minute)
		a.must(r.c.Stop(t.Context(), "alice", 1, "")) // of a machine that is away
		a.must(a.send(step(j.ID, drive(0), api.MethodOverwrite, api.StageCompleted, 0)))
		if d := r.view(1).Job.Drives[0]; d.SampleSeed != nil || d.Journal != nil {
			t.Errorf("a cancelled job went on: %+v", d)
		}
	})
}

// TestOffsetsMakeNoLine: a long overwrite does not fill the record of what
// happened, nor run into the bound of reports.
func TestOffsetsMakeNoLine(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		a, j := erasing(r, "erase", drive(0))
		a.must(a.send(step(j.ID, drive(0), api.MethodOverwrite, api.StageBegun, 0)))
		before := len(r.view(1).Log)
		var batch []api.Report
		for i := range 6000 {
			batch = append(batch, step(j.ID, drive(0), api.MethodOverwrite, api.StageOffset, uint64(i)<<9))
			if len(batch) == 500 {
				a.must(a.send(batch...))
				batch = nil
			}
		}
		v := r.view(1)
		if len(v.Log) != before || v.Job.Drives[0].Journal.Offset != 5999<<9 || v.Job.Drives[0].Offset != 5999<<9 {
			t.Errorf("%d lines instead of %d, journal %+v", len(v.Log), before, v.Job.Drives[0].Journal)
		}
		// Other reports are bounded as before.
		for range 4100 {
			batch = append(batch, api.Report{Kind: api.ReportTrouble})
		}
		refused(t, a.send(batch...), api.CodeBusy)
	})
}

// TestBegunIsDestructive: from the first step on an approval cannot become void,
// since a drive may have been touched.
func TestBegunIsDestructive(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		a, j := erasing(r, "erase", drive(0))
		if r.view(1).Job.Destructive {
			t.Fatal("the order alone touched a drive")
		}
		a.must(a.send(step(j.ID, drive(0), api.MethodOverwrite, api.StageBegun, 0)))
		a.must(a.send(api.Report{Kind: api.ReportStopped, Job: j.ID, Message: "bench: by a key"}))
		r.state(1, imager.JobCancelled)
	})
}
