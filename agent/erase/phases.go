package erase

import (
	"sync"
	"sync/atomic"
	"time"

	"regain.example/agent/api"
	"regain.example/agent/step"
)

// rateWindow is how many seconds the reported rate looks back.
const rateWindow = 5

// phases tells a Reporter of one drive's phases and, each second, how far the
// present one has come. At most one phase is open.
type phases struct {
	report  step.Reporter
	drive   api.DriveID
	elapsed func() time.Duration

	open  api.Phase
	began time.Duration
	total uint64
	done  atomic.Uint64
	quit  chan struct{}
	wait  sync.WaitGroup
}

func newPhases(r step.Reporter, drive api.DriveID, elapsed func() time.Duration) *phases {
	return &phases{report: r, drive: drive, elapsed: elapsed}
}

// begin ends the open phase, if it is another, and begins p with total bytes to
// do; 0 if that is not known yet.
func (p *phases) begin(phase api.Phase, total uint64) {
	if p.open == phase {
		p.pause()
	} else {
		p.end()
		p.began = p.elapsed()
		p.report.Began(phase, p.drive)
	}
	p.open, p.total = phase, total
	p.done.Store(0)
	p.quit = make(chan struct{})
	p.wait.Go(p.tick)
}

// add counts bytes done.
func (p *phases) add(bytes int) { p.done.Add(uint64(bytes)) }

// end ends the open phase.
func (p *phases) end() {
	if p.open == "" {
		return
	}
	p.pause()
	p.report.Ended(p.open, p.drive, p.done.Load(), p.elapsed()-p.began)
	p.open = ""
}

func (p *phases) pause() {
	close(p.quit)
	p.wait.Wait()
}

func (p *phases) tick() {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	last := []uint64{0}
	for {
		p.progress(last)
		select {
		case <-p.quit:
			return
		case <-ticker.C:
		}
		last = append(last, p.done.Load())
		last = last[max(0, len(last)-rateWindow-1):]
	}
}

// progress reports the last of the counts, which are one second apart.
func (p *phases) progress(counts []uint64) {
	now := counts[len(counts)-1]
	rate := 0.0
	if seconds := len(counts) - 1; seconds > 0 {
		rate = float64(now-counts[0]) / float64(seconds)
	}
	p.report.Progress(api.DriveProgress{
		Drive: p.drive, Phase: p.open, Done: now, Total: p.total, BytesPerSecond: rate,
	})
}
