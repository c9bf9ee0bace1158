package lies

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"slices"
	"sync"
	"testing"
	"time"

	"regain.example/agent/api"
	"regain.example/agent/erase"
	"regain.example/agent/lab"
	"regain.example/imager"
	"regain.example/imager/plan"
	"regain.example/imager/verdict"
)

// workshop is one machine of the laboratory, and what the controller knows of the
// one job that it has at a time.
type workshop struct {
	tb      testing.TB
	machine *lab.Machine
	profile imager.Profile
	// methods takes the place of the planned ones, if not nil.
	methods []api.Method
	// drives is what the agent reaches the machine's drives by.
	drives erase.Drives
	// onStep is called after each step of the journal is kept.
	onStep func(api.DriveID, api.JournalEntry)

	mu     sync.Mutex
	job    []*imager.JobDrive
	judged []verdict.Judgement // of each drive, in the last boot that told of it
	drawn  uint64
	dark   bool // the power is off: nothing more arrives
	boots  int
}

// newWorkshop approves a job for all drives of m.
func newWorkshop(tb testing.TB, m *lab.Machine, p imager.Profile, methods ...api.Method) *workshop {
	w := &workshop{tb: tb, machine: m, profile: p, methods: methods, drives: m}
	w.approve()
	return w
}

// approve begins a new job, as an operator does after a failed one.
func (w *workshop) approve() {
	w.tb.Helper()
	work, _, err := plan.Drives(api.Inventory{Drives: w.machine.Drives()}, w.profile)
	if err != nil {
		w.tb.Fatal(err)
	}
	w.job = plan.JobDrives(work, w.profile, w.seed)
	w.judged = make([]verdict.Judgement, len(w.job))
	for _, d := range w.job {
		if w.methods != nil {
			d.Methods = slices.Clone(w.methods)
		}
	}
}

// seed draws the next 32 bytes; no two are alike.
func (w *workshop) seed() []byte {
	w.drawn++
	b := make([]byte, 32)
	binary.BigEndian.PutUint64(b, w.drawn*0x9e3779b97f4a7c15)
	return b
}

// boot starts the machine and lets the agent carry out its orders, until it has
// told of every drive or the power goes. It reports whether it told.
func (w *workshop) boot(ctx context.Context) bool {
	w.tb.Helper()
	w.machine.PowerOn()
	w.boots++
	w.dark = false
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	w.machine.OnCut = func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.dark = true
		cancel()
	}
	work := w.orders()
	began := time.Now()
	e := erase.New(erase.Config{
		Drives: w.drives, Facts: w.machine, Journal: journal{w}, Report: silent{},
		Elapsed: func() time.Duration { return time.Since(began) },
	}, work)
	results := make([]api.DriveEvidence, len(work))
	var wg sync.WaitGroup
	for i := range work {
		wg.Go(func() { results[i] = e.Drive(ctx, i).Evidence })
	}
	wg.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.dark {
		return false
	}
	for i := range work {
		w.judge(i, results[i])
	}
	return true
}

// orders is what the controller asks of the agent in a new boot.
func (w *workshop) orders() []erase.Work {
	w.tb.Helper()
	found := w.machine.Drives()
	var work []erase.Work
	for _, d := range w.job {
		i := slices.IndexFunc(found, func(f api.Drive) bool { return f.ID() == d.ID })
		if i < 0 {
			w.tb.Fatalf("drive %s is not there any more", d.ID)
		}
		work = append(work, erase.Work{Drive: found[i], Order: w.order(d)})
	}
	return work
}

func (w *workshop) order(d *imager.JobDrive) api.DriveOrder {
	if d.Outcome == imager.OutcomeErased {
		d.SampleSeed = w.seed()
		return api.DriveOrder{Drive: d.ID, Seed: d.Seed, Verify: d.Verify, Limits: d.Limits,
			Accepted: true, Erased: verdict.Erased(d.Evidence), SampleSeed: d.SampleSeed}
	}
	*d = plan.Resume(*d)
	return api.DriveOrder{Drive: d.ID, Methods: d.Methods, Follow: d.Follow, Seed: d.Seed,
		Verify: d.Verify, Limits: d.Limits, Resume: d.Resumed, SampleSeed: d.SampleSeed}
}

// judge takes the evidence as it comes over the wire.
func (w *workshop) judge(i int, ev api.DriveEvidence) {
	w.tb.Helper()
	text, err := json.Marshal(ev)
	if err != nil {
		w.tb.Fatal(err)
	}
	var told api.DriveEvidence
	if err := json.Unmarshal(text, &told); err != nil {
		w.tb.Fatal(err)
	}
	d := w.job[i]
	if d.Outcome == imager.OutcomeErased {
		w.judged[i] = verdict.Recheck(*d, w.profile.Limits, &told)
	} else {
		d.Evidence = &told
		w.judged[i] = verdict.Drive(*d, w.profile.Limits, &told)
	}
	d.Outcome = w.judged[i].Outcome
}

// erased reports whether the verdict calls every drive erased.
func (w *workshop) erased() bool {
	return !slices.ContainsFunc(w.job, func(d *imager.JobDrive) bool { return d.Outcome != imager.OutcomeErased })
}

// journal is the controller's side of the erasure. What was told before the power
// went is kept; what comes later never arrives.
type journal struct{ *workshop }

func (j journal) Journal(ctx context.Context, id api.DriveID, e api.JournalEntry) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.dark || ctx.Err() != nil {
		return context.Canceled
	}
	d := j.find(id)
	switch e.Stage {
	case api.StageBegun:
		d.SampleSeed = nil
	case api.StageCompleted:
		if d.SampleSeed == nil {
			d.SampleSeed = j.seed()
		}
	}
	d.Journal = &imager.DriveJournal{JournalEntry: e}
	if j.onStep != nil {
		j.onStep(id, e)
	}
	return nil
}

func (j journal) SampleSeed(ctx context.Context, id api.DriveID) ([]byte, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.dark || ctx.Err() != nil {
		return nil, context.Canceled
	}
	d := j.find(id)
	if d.SampleSeed == nil {
		j.tb.Errorf("a sample seed was asked for before the completion of %s was told", id)
		return nil, context.Canceled
	}
	return d.SampleSeed, nil
}

func (j journal) find(id api.DriveID) *imager.JobDrive {
	for _, d := range j.job {
		if d.ID == id {
			return d
		}
	}
	j.tb.Fatalf("a journal for %s, which is not of the job", id)
	return nil
}

// silent is a step.Reporter that nobody listens to.
type silent struct{}

func (silent) Began(api.Phase, api.DriveID)                        {}
func (silent) Ended(api.Phase, api.DriveID, uint64, time.Duration) {}
func (silent) Progress(api.DriveProgress)                          {}
