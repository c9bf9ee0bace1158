package erase

import (
	"math/bits"
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

	open   api.Phase
	began  time.Duration
	before uint64 // done in the phase before it was begun again
	total  uint64
	done   atomic.Uint64
	quit   chan struct{}
	wait   sync.WaitGroup

	mu    sync.Mutex
	words api.DriveProgress // method, pause and temperature
}

func newPhases(r step.Reporter, drive api.DriveID, elapsed func() time.Duration) *phases {
	return &phases{report: r, drive: drive, elapsed: elapsed}
}

// begin ends the open phase, if it is another, and begins p with total bytes to
// do; 0 if that is not known yet. The open phase begun again is a part of it with
// a total of its own.
func (p *phases) begin(phase api.Phase, total uint64) {
	if p.open == phase {
		p.stopTicks()
		p.before += p.done.Load()
	} else {
		p.end()
		p.began, p.before = p.elapsed(), 0
		p.report.Began(phase, p.drive)
	}
	p.open, p.total = phase, total
	p.done.Store(0)
	p.quit = make(chan struct{})
	p.wait.Go(p.tick)
}

// add counts bytes done.
func (p *phases) add(bytes int) { p.done.Add(uint64(bytes)) }

// fraction sets the bytes done to a part of the total.
func (p *phases) fraction(part, of uint64) {
	hi, lo := bits.Mul64(p.total, min(part, of))
	done, _ := bits.Div64(hi, lo, of)
	p.done.Store(done)
}

// method says which method is at work from now on.
func (p *phases) method(m api.Method) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.words.Method = m
}

// pause says for what the work stands still from now on; "" if it goes on.
func (p *phases) pause(why api.Pause, celsius int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.words.Pause, p.words.Celsius = why, celsius
}

// end ends the open phase.
func (p *phases) end() {
	if p.open == "" {
		return
	}
	p.stopTicks()
	p.report.Ended(p.open, p.drive, p.before+p.done.Load(), p.elapsed()-p.began)
	p.open = ""
}

func (p *phases) stopTicks() {
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
	p.mu.Lock()
	now := p.words
	p.mu.Unlock()
	now.Drive, now.Phase, now.Total, now.Done = p.drive, p.open, p.total, counts[len(counts)-1]
	if now.Phase != api.PhaseErase {
		now.Method = ""
	}
	if seconds := len(counts) - 1; seconds > 0 && now.Done > counts[0] {
		now.BytesPerSecond = float64(now.Done-counts[0]) / float64(seconds)
	}
	p.report.Progress(now)
}
