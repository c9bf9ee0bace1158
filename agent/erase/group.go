package erase

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"regain.example/agent/api"
)

// group is the drives of an order that are namespaces of one NVMe controller; any
// other drive is a group of its own. A command that reaches all namespaces is
// sent once, when all of them are ready for it.
type group struct {
	members []*Target

	mu      sync.Mutex
	rounds  map[api.Method]*round
	left    []*Target // whose work has ended
	changed chan struct{}
}

// round is one method that reaches all members.
type round struct {
	arrived map[*Target]arrival
	running bool
	done    bool
	seen    api.Attempt // of the command
	err     error
}

// arrival is how a member comes to the command.
type arrival struct {
	failed  error // why it could not be prepared
	carried bool  // it found the command under way
}

// gather puts every target into its group.
func gather(targets []*Target) {
	groups := map[string]*group{}
	for _, t := range targets {
		name := "alone " + t.Drive.Node
		if t.Drive.NVMe != nil {
			name = "controller " + t.Drive.NVMe.Controller
		}
		if groups[name] == nil {
			groups[name] = &group{rounds: map[api.Method]*round{}, changed: make(chan struct{})}
		}
		t.group = groups[name]
		t.group.members = append(t.group.members, t)
	}
}

// working are the members that are being erased.
func (g *group) working() reach {
	var r reach
	for _, m := range g.members {
		if !m.Order.Accepted {
			r = append(r, m)
		}
	}
	return r
}

// covers returns a *NotRunError unless every active namespace of the controller
// is in the order and is to be erased by this method, too. A drive that was
// accepted before must owe that to the same method.
func (g *group) covers(name api.Method) error {
	if active := g.members[0].Drive.NVMe.Namespaces; active != len(g.members) {
		return notRun("%s would reach all %d namespaces of the drive, and %d are to be erased", name, active, len(g.members))
	}
	for _, m := range g.members {
		if m.Order.Accepted && m.Order.Erased != name || !m.Order.Accepted && !slices.Contains(m.methods(), name) {
			return notRun("%s would reach %s too, which is not to be erased so", name, m.Drive.Node)
		}
	}
	if !g.sameOrder() {
		return notRun("the namespaces of the drive are to be erased in different ways")
	}
	return nil
}

// sameOrder reports whether all members come to the methods that they share in
// the same order. They would wait for each other for ever if not.
func (g *group) sameOrder() bool {
	work := g.working()
	shared := func(of *Target) []api.Method {
		return slices.DeleteFunc(slices.Clone(of.methods()), func(name api.Method) bool {
			return slices.ContainsFunc(work, func(m *Target) bool { return !slices.Contains(m.methods(), name) })
		})
	}
	return !slices.ContainsFunc(work, func(m *Target) bool { return !slices.Equal(shared(m), shared(work[0])) })
}

// once waits until all members have come, and then one of them calls do for all.
// If one could not be prepared, do is not called. Every member gets what do has
// seen and returned.
func (g *group) once(ctx context.Context, t *Target, name api.Method, a arrival, seen *api.Attempt, do func(context.Context, *api.Attempt) error) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	r := g.rounds[name]
	if r == nil {
		r = &round{arrived: map[*Target]arrival{}}
		g.rounds[name] = r
	}
	r.arrived[t] = a
	g.wake()
	if a.failed != nil {
		return a.failed
	}
	if len(g.working()) > 1 {
		t.phases.pause(api.PauseOthers, 0)
		defer t.phases.pause("", 0)
	}
	for !r.done {
		if !r.running && g.complete(r) {
			g.lead(ctx, r, do)
			continue
		}
		changed, stop := g.changed, ctx.Done()
		if r.running {
			stop = nil // the one that leads heeds ctx
		}
		g.mu.Unlock()
		select {
		case <-changed:
			g.mu.Lock()
		case <-stop:
			g.mu.Lock()
			if !r.running {
				r.arrived[t] = arrival{failed: context.Cause(ctx)}
				g.wake()
				return context.Cause(ctx)
			}
		}
	}
	seen.Commands = append(seen.Commands, r.seen.Commands...)
	if r.seen.Sanitize != nil {
		seen.Sanitize = new(*r.seen.Sanitize)
	}
	return r.err
}

// lead ends the round, or runs it. It is called with mu held.
func (g *group) lead(ctx context.Context, r *round, do func(context.Context, *api.Attempt) error) {
	r.running = true
	if r.err = g.refused(r); r.err == nil {
		for _, m := range g.working() {
			m.phases.pause("", 0)
		}
		g.wake()
		g.mu.Unlock()
		err := fmt.Errorf("the agent crashed")
		defer func() { // even if do panics, nobody is left waiting
			g.mu.Lock()
			r.err, r.done = err, true
			g.wake()
		}()
		err = do(ctx, &r.seen)
		return
	}
	r.done = true
	g.wake()
}

// refused says why the command is not sent.
func (g *group) refused(r *round) error {
	carried := 0
	for _, m := range g.working() {
		a, came := r.arrived[m]
		if !came || a.failed != nil {
			return notRun("%s of the same drive could not be prepared", m.Drive.Node)
		}
		if a.carried {
			carried++
		}
	}
	if carried > 0 && carried < len(g.working()) {
		return fmt.Errorf("an operation ended while the namespaces of the drive were being looked at")
	}
	return nil
}

// complete reports whether every member has come or will never.
func (g *group) complete(r *round) bool {
	for _, m := range g.members {
		_, came := r.arrived[m]
		if !came && !slices.Contains(g.left, m) {
			return false
		}
	}
	return true
}

// leave says that a member's work has ended.
func (g *group) leave(t *Target) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.left = append(g.left, t)
	g.wake()
}

// wake is called with mu held.
func (g *group) wake() {
	close(g.changed)
	g.changed = make(chan struct{})
}
