package run

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"regain.example/agent/api"
	"regain.example/agent/erase"
)

// untilSeed tells of a completion and waits for the seed, which it puts into the
// evidence.
func untilSeed(ctx context.Context, d api.Drive, e *erasure) erase.Result {
	got := erase.Result{Evidence: api.DriveEvidence{Drive: d.ID(), Before: d, Attempts: []api.Attempt{{}}}}
	step := api.JournalEntry{Method: api.MethodOverwrite, Stage: api.StageCompleted, Offset: 7, Pattern: "p"}
	err := e.journal.Journal(ctx, d.ID(), step)
	if err == nil {
		e.report.Progress(api.DriveProgress{Drive: d.ID(), Phase: api.PhaseVerify, Pause: api.PauseSeed})
		var seed []byte
		seed, err = e.journal.SampleSeed(ctx, d.ID())
		got.Evidence.Attempts[0].Sampling = &api.Sampling{SeedSHA256: string(seed)}
	}
	if err != nil {
		got.Evidence.Stopped = err.Error()
	}
	return got
}

// seeded is the order with seeds, one byte for each of its drives.
func seeded(o api.Order, seeds ...byte) api.Order {
	e := *o.Erase
	e.Drives = nil
	for i, d := range o.Erase.Drives {
		if seeds[i] != 0 {
			d.SampleSeed = []byte{seeds[i]}
		}
		e.Drives = append(e.Drives, d)
	}
	o.Erase = &e
	return o
}

func (b *bench) count(kind api.ReportKind) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := 0
	for _, r := range b.reports {
		if r.Kind == kind {
			n++
		}
	}
	return n
}

// sampledBy lists the seeds of the evidence by drive.
func (b *bench) sampledBy() map[api.DriveID]string {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := map[api.DriveID]string{}
	for _, r := range b.reports {
		if r.Erase != nil && len(r.Erase.Attempts) > 0 && r.Erase.Attempts[0].Sampling != nil {
			out[r.Drive] = r.Erase.Attempts[0].Sampling.SeedSHA256
		}
	}
	return out
}

func TestSeedsComeWithTheOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one, two := disk("sda", "1"), disk("sdb", "2")
		b := newBench(one, two)
		b.erasing = untilSeed
		o := eraseOrder(one, two)
		follow(t, b, func(a *Agent) {
			a.Order(o)
			time.Sleep(24 * time.Hour) // it waits for as long as it takes
			synctest.Wait()
			if got := b.shown().Drives[0].State; !strings.Contains(got, "waiting for the controller") {
				t.Errorf("the screen says %q", got)
			}
			if b.count(api.ReportDrive) != 0 {
				t.Fatal("evidence without a seed")
			}
			a.Order(seeded(o, 0, 8))
			time.Sleep(time.Second)
			a.Order(seeded(o, 9, 8))
			time.Sleep(time.Second)
		})
		if got := b.sampledBy(); got[one.ID()] != "\x09" || got[two.ID()] != "\x08" {
			t.Errorf("seeds %q", got)
		}
		if r := b.only(t, api.ReportJournal, one); r.Job != "J1" || r.Journal.Stage != api.StageCompleted ||
			r.Journal.Offset != 7 || r.Journal.Pattern != "p" {
			t.Errorf("told %+v", r)
		}
		if len(b.erased) != 2 {
			t.Errorf("erased %v", b.erased)
		}
	})
}

// A seed that the bench knew before the completion is none.
func TestSeedThatWasKnownBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one := disk("sda", "1")
		b := newBench(one)
		b.erasing = untilSeed
		o := eraseOrder(one)
		follow(t, b, func(a *Agent) {
			a.Order(seeded(o, 5))
			time.Sleep(time.Hour)
			a.Order(seeded(o, 5))
			time.Sleep(time.Hour)
			synctest.Wait()
			if b.count(api.ReportDrive) != 0 {
				t.Error("an old seed was taken")
			}
			a.Order(seeded(o, 6))
			time.Sleep(time.Second)
		})
		if got := b.sampledBy(); got[one.ID()] != "\x06" {
			t.Errorf("seeds %q", got)
		}
	})
}

func TestStopWhileWaitingForTheSeed(t *testing.T) {
	for name, stop := range map[string]func(a *Agent, cancel func(error)){
		"from the page":     func(a *Agent, _ func(error)) { a.Order(api.Order{Kind: api.OrderStop}) },
		"by the controller": func(_ *Agent, cancel func(error)) { cancel(errors.New("two machines")) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				one := disk("sda", "1")
				b := newBench(one)
				b.erasing = untilSeed
				a := New(Config{Machine: b, Steps: b, Screen: b, Journal: b, Keys: b.keys, Elapsed: func() time.Duration { return 0 }})
				a.Connect(b)
				ctx, cancel := context.WithCancelCause(t.Context())
				ended := make(chan error)
				go func() { ended <- a.Run(ctx) }()
				a.Order(eraseOrder(one))
				time.Sleep(time.Hour)
				stop(a, cancel)
				time.Sleep(time.Minute)
				cancel(nil)
				<-ended
				if e := b.only(t, api.ReportDrive, one).Erase; e.Stopped == "" {
					t.Errorf("evidence %+v", e)
				}
			})
		})
	}
}

// A controller that was restored from a backup has forgotten the completion.
func TestCompletionIsToldAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one := disk("sda", "1")
		b := newBench(one)
		b.erasing = untilSeed
		o := eraseOrder(one)
		follow(t, b, func(a *Agent) {
			a.Order(o)
			time.Sleep(time.Hour)
			synctest.Wait()
			if n := b.count(api.ReportJournal); n != 1 {
				t.Errorf("told %d times by a connection that did not break", n)
			}
			a.Registered(api.MachineLabel{Number: 1})
			a.Order(o)
			time.Sleep(time.Hour)
			synctest.Wait()
			if n := b.count(api.ReportJournal); n != 2 {
				t.Errorf("told %d times after a new registration", n)
			}
			a.Order(seeded(o, 3))
			time.Sleep(time.Second)
		})
		if got := b.sampledBy(); got[one.ID()] != "\x03" || len(b.erased) != 1 {
			t.Errorf("seeds %q, erased %v", got, b.erased)
		}
	})
}

// Offsets are not waited for, everything else is.
func TestJournalWaitsForTheController(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one := disk("sda", "1")
		b := newBench(one)
		b.flushErr = errors.New("not on disk")
		a := New(Config{Screen: b, Elapsed: func() time.Duration { return 0 }})
		a.Connect(b)
		for stage, waits := range map[api.Stage]bool{
			api.StageBegun: true, api.StageAccepted: true, api.StageCompleted: true, api.StageOffset: false,
		} {
			err := a.ledger("J1").Journal(t.Context(), one.ID(), api.JournalEntry{Stage: stage})
			if (err != nil) != waits {
				t.Errorf("%s: %v", stage, err)
			}
		}
	})
}

func TestSeedsOfAnotherJobAreForgotten(t *testing.T) {
	s := newSeeds()
	put := func(job string, seed byte) {
		s.take(&api.EraseOrder{Job: job, Drives: []api.DriveOrder{{Drive: "d", SampleSeed: []byte{seed}}}})
	}
	put("J1", 1)
	s.spend("d")
	if seed, _ := s.use("d"); seed != nil {
		t.Error("a spent seed is used")
	}
	put("J2", 1)
	if seed, _ := s.use("d"); !bytes.Equal(seed, []byte{1}) {
		t.Error("the other job's seed is not used")
	}
	if seed, _ := s.use("d"); seed != nil {
		t.Error("a seed is used twice")
	}
}
