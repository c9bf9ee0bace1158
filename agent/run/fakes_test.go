package run

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"regain.example/agent/api"
	"regain.example/agent/console"
	"regain.example/agent/erase"
	"regain.example/agent/step"
)

// bench is a machine, its steps, its link, its screen and its journal, in
// memory. Times are those of a synctest bubble.
type bench struct {
	mu        sync.Mutex
	began     time.Time
	drives    []api.Drive
	invErr    error
	looking   func() // called whenever stock is taken
	erasing   func(ctx context.Context, d api.Drive, e *erasure) erase.Result
	install   func(ctx context.Context, zeroRead bool) api.InstallEvidence
	left      string // "restart" or "power off"
	reports   []api.Report
	progress  []api.Progress
	flushErr  error
	view      console.View
	journal   *Unfinished
	journaled int           // times that Begin was called
	erased    []api.DriveID // handed to an erasure
	keys      chan struct{}
}

func newBench(drives ...api.Drive) *bench {
	return &bench{began: time.Now(), drives: drives, keys: make(chan struct{}, 1)}
}

func disk(node, serial string) api.Drive {
	return api.Drive{Node: node, Bus: api.BusATA, Model: "M", Serial: serial, SizeBytes: 1 << 30}
}

func (b *bench) Inventory(context.Context) (api.Inventory, error) {
	if b.looking != nil {
		b.looking()
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return api.Inventory{Drives: append([]api.Drive(nil), b.drives...)}, b.invErr
}

func (b *bench) Restart() error  { b.set(func() { b.left = "restart" }); return nil }
func (b *bench) PowerOff() error { b.set(func() { b.left = "power off" }); return nil }

func (b *bench) Erasure(work []erase.Work, j erase.Journaler, r step.Reporter) Erasure {
	return &erasure{b, work, j, r}
}

// erasure is the work on the drives of one order.
type erasure struct {
	*bench
	work    []erase.Work
	journal erase.Journaler
	report  step.Reporter
}

func (e *erasure) Drive(ctx context.Context, i int) erase.Result {
	w := e.work[i]
	if w.Order.Accepted {
		return erase.Result{Evidence: api.DriveEvidence{Drive: w.Order.Drive, Before: w.Drive, Kept: true}}
	}
	e.set(func() { e.erased = append(e.erased, w.Order.Drive) })
	if e.erasing != nil {
		return e.erasing(ctx, w.Drive, e)
	}
	return erase.Result{ZeroRead: true, Evidence: api.DriveEvidence{
		Drive: w.Order.Drive, Before: w.Drive, Attempts: []api.Attempt{{Method: api.MethodOverwrite}}}}
}

func (b *bench) Install(ctx context.Context, d api.Drive, o api.InstallOrder, zeroRead bool, r step.Reporter) api.InstallEvidence {
	if b.install != nil {
		return b.install(ctx, zeroRead)
	}
	return api.InstallEvidence{Drive: o.Drive, Image: o.Image}
}

func (b *bench) Report(r api.Report)     { b.set(func() { b.reports = append(b.reports, r) }) }
func (b *bench) Progress(p api.Progress) { b.set(func() { b.progress = append(b.progress, p) }) }

func (b *bench) Flush(ctx context.Context) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return b.flushErr
}

func (b *bench) Show(v console.View) { b.set(func() { b.view = v }) }
func (b *bench) Begin(u Unfinished) error {
	b.set(func() { b.journal = &u; b.journaled++ })
	return nil
}
func (b *bench) End() error { b.set(func() { b.journal = nil }); return nil }

func (b *bench) set(f func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	f()
}

// shown is what the screen shows now.
func (b *bench) shown() console.View {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.view
}

// told lists the kinds of the reports, with the phase or the message.
func (b *bench) told() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []string
	for _, r := range b.reports {
		s := string(r.Kind)
		if r.Phase != "" {
			s += ":" + string(r.Phase)
		}
		out = append(out, s)
	}
	return strings.Join(out, " ")
}

// only returns the one report of a kind, of one drive if that is named.
func (b *bench) only(t *testing.T, kind api.ReportKind, of ...api.Drive) api.Report {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	var found []api.Report
	for _, r := range b.reports {
		if r.Kind == kind && (len(of) == 0 || r.Drive == of[0].ID()) {
			found = append(found, r)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d reports of kind %s, want 1: %+v", len(found), kind, b.reports)
	}
	return found[0]
}

// follow runs an agent on b within a synctest bubble and hands it to script.
func follow(t *testing.T, b *bench, script func(a *Agent)) {
	t.Helper()
	a := New(Config{Machine: b, Steps: b, Screen: b, Journal: b, Keys: b.keys,
		Elapsed: func() time.Duration { return time.Since(b.began) }, Log: slog.New(slog.DiscardHandler)})
	a.Connect(b)
	ctx, cancel := context.WithCancelCause(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	script(a)
	synctest.Wait()
	cancel(fmt.Errorf("end of test"))
	<-ended
}

// eraseOrder orders to erase the given drives after 30 seconds.
func eraseOrder(drives ...api.Drive) api.Order {
	o := &api.EraseOrder{Job: "J1", CountdownSeconds: 30}
	for _, d := range drives {
		o.Drives = append(o.Drives, api.DriveOrder{Drive: d.ID(), Methods: []api.Method{api.MethodOverwrite}})
	}
	return api.Order{Kind: api.OrderErase, Erase: o}
}

// untilCancelled erases until it is stopped.
func untilCancelled(ctx context.Context, d api.Drive, _ *erasure) erase.Result {
	<-ctx.Done()
	return erase.Result{Evidence: api.DriveEvidence{Drive: d.ID(), Before: d, Stopped: "cancelled"}}
}
