package erase

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"regain.example/agent/api"
)

const (
	// healthEvery is how often a drive is asked for its temperature.
	healthEvery = 30 * time.Second
	// cooler is by how many degrees below the limit a pause ends.
	cooler = 5
	// deafLimit is how many times in a row a hot drive may tell no temperature.
	deafLimit = 20
	// speedWindow is the time of work over which the speed is measured.
	speedWindow = 5 * time.Minute
)

// errSlow ends the work on a drive below the speed floor.
var errSlow = errors.New("the drive is too slow")

// pacer keeps the work within the drive's limits: it stands still while the
// drive is too hot, and ends when the drive is too slow.
type pacer struct {
	t     *Target
	floor bool

	mu     sync.Mutex
	seen   api.Pace
	cool   chan struct{} // nil unless the work stands still; closed when it goes on
	hot    time.Duration // since when it stands still
	deaf   int
	bytes  uint64        // done in the window
	window time.Duration // when it began, pauses added
}

// paced does work within the limits. floor says that the work keeps the drive
// busy, so that its speed means something.
func paced(ctx context.Context, t *Target, seen *api.Attempt, floor bool, work func(context.Context, *pacer) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	p := &pacer{t: t, floor: floor, window: t.Elapsed()}
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := p.watch(ctx); err != nil {
			cancel(err)
		}
	})
	err := work(ctx, p)
	cancel(nil)
	wg.Wait()
	p.resume()
	seen.Pace = joined(p.seen, seen.Pace)
	return err
}

// joined is the pace of two parts of the work; before may be nil.
func joined(now api.Pace, before *api.Pace) *api.Pace {
	if before == nil {
		return &now
	}
	now.HottestCelsius = max(now.HottestCelsius, before.HottestCelsius)
	now.PausedMillis += before.PausedMillis
	now.Pauses += before.Pauses
	if slow := before.SlowestBytesPerSecond; slow > 0 && (now.SlowestBytesPerSecond == 0 || slow < now.SlowestBytesPerSecond) {
		now.SlowestBytesPerSecond = slow
	}
	return &now
}

// wait returns when the work may go on.
func (p *pacer) wait(ctx context.Context) error {
	p.mu.Lock()
	cool := p.cool
	p.mu.Unlock()
	if cool == nil {
		return nil
	}
	select {
	case <-cool:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// add counts bytes moved.
func (p *pacer) add(bytes int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.bytes += uint64(bytes)
}

// watch looks at temperature and speed until ctx ends.
func (p *pacer) watch(ctx context.Context) error {
	tick := time.NewTicker(healthEvery)
	defer tick.Stop()
	for {
		if err := errors.Join(p.temperature(), p.speed()); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// temperature asks the drive, and begins or ends a pause.
func (p *pacer) temperature() error {
	if !p.t.tells {
		return nil
	}
	health := p.t.Facts.Health(p.t.Drive)
	p.mu.Lock()
	defer p.mu.Unlock()
	if health.Celsius == nil {
		if p.deaf++; p.cool != nil && p.deaf >= deafLimit {
			return fmt.Errorf("the drive was too hot and no longer tells its temperature: %s", health.Error)
		}
		return nil
	}
	p.deaf = 0
	now, limit := *health.Celsius, p.t.Order.Limits.PauseCelsius
	p.seen.HottestCelsius = max(p.seen.HottestCelsius, now)
	switch {
	case limit == 0:
	case p.cool == nil && now >= limit:
		p.cool, p.hot = make(chan struct{}), p.t.Elapsed()
		p.seen.Pauses++
		p.t.phases.pause(api.PauseHot, now)
	case p.cool != nil && now <= limit-cooler:
		p.release()
	case p.cool != nil:
		p.t.phases.pause(api.PauseHot, now)
	}
	return nil
}

// resume ends a pause, if there is one.
func (p *pacer) resume() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cool != nil {
		p.release()
	}
}

func (p *pacer) release() {
	paused := p.t.Elapsed() - p.hot
	p.seen.PausedMillis += paused.Milliseconds()
	p.window += paused
	close(p.cool)
	p.cool = nil
	p.t.phases.pause("", 0)
}

// speed measures whole windows of work.
func (p *pacer) speed() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	took := p.t.Elapsed() - p.window
	if !p.floor || p.cool != nil || took < speedWindow {
		return nil
	}
	speed := uint64(float64(p.bytes) / took.Seconds())
	if p.seen.SlowestBytesPerSecond == 0 || speed < p.seen.SlowestBytesPerSecond {
		p.seen.SlowestBytesPerSecond = max(1, speed)
	}
	p.bytes, p.window = 0, p.t.Elapsed()
	if floor := p.t.Order.Limits.FloorBytesPerSecond; speed < floor {
		return fmt.Errorf("%w: %d bytes per second over %s, at least %d are asked for", errSlow, speed, took.Round(time.Second), floor)
	}
	return nil
}
