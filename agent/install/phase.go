package install

import (
	"sync/atomic"
	"time"

	"regain.example/agent/api"
)

const (
	// tick is how often progress is told.
	tick = 500 * time.Millisecond
	// rateTicks is how many ticks the shown rate is the mean of.
	rateTicks = 10
)

// phase tells the reporter how far one phase has come.
type phase struct {
	job   Job
	name  api.Phase
	total uint64
	began time.Time
	done  atomic.Uint64
	stop  chan struct{}
	gone  chan struct{}
}

// begin tells that a phase of total bytes begins. Every phase that began must be
// ended.
func begin(job Job, name api.Phase, total uint64) *phase {
	p := &phase{job: job, name: name, total: total, began: time.Now(),
		stop: make(chan struct{}), gone: make(chan struct{})}
	job.Reporter.Began(name, job.Order.Drive)
	go p.tell()
	return p
}

// add counts bytes that are done.
func (p *phase) add(n uint64) { p.done.Add(n) }

// end tells that the phase is over, well or not, and returns how long it took.
func (p *phase) end() time.Duration {
	close(p.stop)
	<-p.gone
	took := time.Since(p.began)
	p.job.Reporter.Ended(p.name, p.job.Order.Drive, p.done.Load(), took)
	return took
}

// tell reports progress until the end, at which it reports the last state.
func (p *phase) tell() {
	defer close(p.gone)
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	var before [rateTicks]uint64
	for n := 0; ; n++ {
		done := p.done.Load()
		span := min(n, rateTicks)
		rate := 0.0
		if span > 0 {
			rate = float64(done-before[(n-span)%rateTicks]) / (float64(span) * tick.Seconds())
		}
		before[n%rateTicks] = done
		p.job.Reporter.Progress(api.DriveProgress{Drive: p.job.Order.Drive, Phase: p.name,
			Done: done, Total: p.total, BytesPerSecond: rate})
		select {
		case <-p.stop:
			return
		case <-ticker.C:
		}
	}
}
