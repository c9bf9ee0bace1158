package run

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"regain.example/agent/api"
	"regain.example/agent/console"
	"regain.example/agent/erase"
)

// tracker is the step.Reporter of one piece of work: it turns what the steps
// tell into reports, progress and bars.
type tracker struct {
	a   *Agent
	job string

	mu     sync.Mutex
	drives []api.DriveProgress
	bars   []console.Bar
	closed bool
}

func (a *Agent) track(job string, todo []erase.Work) *tracker {
	t := &tracker{a: a, job: job}
	for _, w := range todo {
		t.drives = append(t.drives, api.DriveProgress{Drive: w.Drive.ID()})
		t.bars = append(t.bars, console.Bar{Label: label(w.Drive), State: "starting"})
	}
	a.display.message("Working", "Do not switch the machine off.")
	t.show()
	return t
}

// Began reports that a phase has begun.
func (t *tracker) Began(p api.Phase, drive api.DriveID) {
	t.a.report(api.Report{Kind: api.ReportPhaseBegan, Job: t.job, Phase: p, Drive: drive})
	t.update(drive, func(d *api.DriveProgress, b *console.Bar) {
		*d = api.DriveProgress{Drive: drive, Phase: p}
		b.State, b.Fraction, b.Rate = console.PhaseName(p), -1, 0
	})
}

// Ended reports that a phase has ended.
func (t *tracker) Ended(p api.Phase, drive api.DriveID, bytes uint64, took time.Duration) {
	t.a.report(api.Report{Kind: api.ReportPhaseEnded, Job: t.job, Phase: p, Drive: drive,
		Bytes: bytes, Millis: took.Milliseconds()})
}

// Progress notes how far a drive has come.
func (t *tracker) Progress(p api.DriveProgress) {
	t.update(p.Drive, func(d *api.DriveProgress, b *console.Bar) {
		*d = p
		b.State, b.Rate, b.Fraction = state(p), p.BytesPerSecond, -1
		if p.Total > 0 {
			b.Fraction = float64(p.Done) / float64(p.Total)
		}
	})
}

// state says in a few words what a drive does, or for what it waits.
func state(p api.DriveProgress) string {
	switch p.Pause {
	case api.PauseHot:
		return fmt.Sprintf("cooling down from %d C", p.Celsius)
	case api.PauseSeed:
		return "waiting for the controller"
	case api.PauseOthers:
		return "waiting for its other namespaces"
	}
	return console.PhaseName(p.Phase)
}

// finished marks a drive as done.
func (t *tracker) finished(drive api.DriveID, bad bool) {
	t.update(drive, func(d *api.DriveProgress, b *console.Bar) {
		d.Done, d.BytesPerSecond = d.Total, 0
		b.State, b.Fraction, b.Rate, b.Done, b.Bad = "done", 1, 0, true, bad
		if bad {
			b.State = "see the page"
		}
	})
}

func (t *tracker) update(drive api.DriveID, f func(*api.DriveProgress, *console.Bar)) {
	t.mu.Lock()
	i := slices.IndexFunc(t.drives, func(d api.DriveProgress) bool { return d.Drive == drive })
	if i >= 0 {
		f(&t.drives[i], &t.bars[i])
	}
	t.mu.Unlock()
	t.show()
}

// show hands copies to the screen and to the link.
func (t *tracker) show() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return
	}
	t.a.display.bars(slices.Clone(t.bars))
	t.a.link.Progress(api.Progress{Job: t.job, Drives: slices.Clone(t.drives)})
}

// close ends the showing; a step that still tells something is late.
func (t *tracker) close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = true
}
