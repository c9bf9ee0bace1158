package run

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"regain.example/agent/api"
)

// Why work ends before its time.
var (
	errPage    = errors.New("stopped from the page")
	errBench   = errors.New("stopped by a key on the bench")
	errNewer   = errors.New("the order was withdrawn")
	errLeaving = errors.New("leaving")
)

// work is one order being carried out.
type work struct {
	kind   api.OrderKind
	job    string
	cancel context.CancelCauseFunc
	done   chan struct{}
	mu     sync.Mutex
	// begun is set when the work can no longer be dropped without a trace: the
	// countdown is over.
	begun bool
	// stopping is set when the controller wants the work stopped, told when a
	// report says that it was.
	stopping, told bool
	left           error // why the agent ends; nil to go on
	// again is set when the order was sent again meanwhile: it may ask for
	// more than it did.
	again bool
}

// Run follows orders until ctx ends, or until an order to restart or to power
// off was carried out.
func (a *Agent) Run(ctx context.Context) error {
	var current *work
	taken := 0 // number of the last order that was carried out
	for {
		var finished chan struct{}
		if current != nil {
			finished = current.done
		}
		select {
		case <-ctx.Done():
			if current != nil {
				current.cancel(context.Cause(ctx))
				<-current.done
			}
			return context.Cause(ctx)
		case <-finished:
			if current.left != nil {
				return current.left
			}
			if current.stopping && !current.told {
				a.stopped()
			}
			if current.again && !current.told && !current.stopping {
				taken = 0
			}
			current = nil
		case <-a.orders.signal:
		}
		order, number := a.orders.newest()
		if number == taken {
			continue
		}
		next, ok := a.obey(ctx, order, current)
		if ok {
			current, taken = next, number
		}
	}
}

// obey begins an order, and returns the work that is then under way. It returns
// false if the order has to wait until the present work has ended.
func (a *Agent) obey(ctx context.Context, o api.Order, current *work) (*work, bool) {
	if o.Kind == api.OrderErase {
		a.seeds.take(o.Erase)
	}
	if current != nil && current.same(o) {
		current.again = o.Kind == api.OrderErase
		return current, true // sent again, after a new registration or with seeds
	}
	if o.Kind == api.OrderStop {
		if current == nil {
			a.stopped()
			return nil, true
		}
		current.stopping = true
		current.cancel(errPage)
		return current, true // told to the controller when it has ended
	}
	if current != nil {
		current.withdraw()
		// Waiting is no order to stop: work goes on.
		return current, o.Kind == api.OrderWait && current.hasBegun()
	}
	switch o.Kind {
	case api.OrderWait:
		a.display.waiting(o)
		return nil, true
	case api.OrderErase:
		return a.start(ctx, o, a.erase), true
	case api.OrderInstall:
		return a.start(ctx, o, a.install), true
	case api.OrderEnd:
		return a.start(ctx, o, a.end), true
	}
	a.report(api.Report{Kind: api.ReportTrouble,
		Message: fmt.Sprintf("this agent does not know the order %q: boot the machine again", o.Kind)})
	return nil, true
}

// start carries out o in the background.
func (a *Agent) start(ctx context.Context, o api.Order, do func(context.Context, *work, api.Order) error) *work {
	ctx, cancel := context.WithCancelCause(ctx)
	w := &work{kind: o.Kind, job: jobOf(o), cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(w.done)
		defer cancel(nil)
		w.left = do(ctx, w, o)
	}()
	return w
}

// same reports whether o is the order that is being carried out.
func (w *work) same(o api.Order) bool {
	return w.job != "" && w.kind == o.Kind && w.job == jobOf(o)
}

// begin marks the point from which on the work is not dropped for another order.
// It fails if it was dropped before.
func (w *work) begin(ctx context.Context) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	w.begun = true
	return nil
}

// withdraw ends work that has not touched a drive: a countdown, or the wait
// before a restart.
func (w *work) withdraw() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.begun {
		w.cancel(errNewer)
	}
}

func (w *work) hasBegun() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.begun
}

func jobOf(o api.Order) string {
	switch {
	case o.Erase != nil:
		return o.Erase.Job
	case o.Install != nil:
		return o.Install.Job
	}
	return ""
}

// stopped answers an order to stop when there was nothing to stop.
func (a *Agent) stopped() {
	a.display.stopped("Nothing was under way.")
	a.report(api.Report{Kind: api.ReportStopped, Message: "page: nothing was under way"})
}
