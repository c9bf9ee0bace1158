package control

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"regain.example/agent/api"
	"regain.example/imager"
	"regain.example/imager/bootrule"
	"regain.example/imager/identity"
)

// BootClient is what a machine's firmware or boot loader says of itself.
type BootClient struct {
	MAC  string // lower case with colons
	UUID string // text form; "" if not told
	// Manufacturer, Product and Serial are SMBIOS's; only iPXE tells them.
	Manufacturer, Product, Serial string

	Arch string
	Addr netip.Addr
}

// BootAction is what a machine is given to boot.
type BootAction int

// The actions.
const (
	BootNone BootAction = iota
	BootAgent
	BootLocalDisk
)

// BootDecision answers a boot client.
type BootDecision struct {
	Action BootAction
	Token  string // BootAgent only
	Reason string // for people
}

// BootDecision says what a machine boots, by the table of package bootrule. It
// writes nothing, so that a stranger costs nothing.
func (c *Controller) BootDecision(ctx context.Context, b BootClient) (BootDecision, error) {
	m, err := c.bootFacts(ctx, b)
	if err != nil {
		return BootDecision{}, fmt.Errorf("decide boot: %w", err)
	}
	d := bootrule.Decide(m)
	switch d.Action {
	case bootrule.OwnDisk:
		return BootDecision{Action: BootLocalDisk, Reason: d.Reason}, nil
	case bootrule.Agent:
		t, err := c.tokens.Issue(b.MAC, b.UUID)
		if err != nil {
			return BootDecision{}, fmt.Errorf("decide boot: %w: %w", imager.ErrInvalid, err)
		}
		return BootDecision{Action: BootAgent, Token: t, Reason: d.Reason}, nil
	}
	return BootDecision{Reason: d.Reason}, nil
}

// bootFacts is what is known of the machine that asks.
func (c *Controller) bootFacts(ctx context.Context, b BootClient) (bootrule.Machine, error) {
	unmet := c.attempts.unmet(b.MAC, b.UUID)
	all, err := c.store.Machines(ctx)
	if err != nil {
		return bootrule.Machine{}, err
	}
	known := make([]identity.Known, len(all))
	for i, m := range all {
		known[i] = identity.Known{Number: m.Number, Inventory: m.Inventory}
	}
	n := identity.FromBoot(b.MAC, b.UUID, b.Serial, known)
	if n == 0 {
		return bootrule.Machine{Unmet: unmet}, nil
	}
	w, err := c.read(ctx, n)
	if err != nil {
		return bootrule.Machine{}, err
	}
	pulled, err := c.store.Withdrawn(ctx)
	if err != nil {
		return bootrule.Machine{}, err
	}
	m := w.bootFacts(pulled)
	m.Unmet = unmet
	return m, nil
}

// bootFacts is what the records tell; it is the same after a restart.
func (w *work) bootFacts(pulled []imager.Withdrawn) bootrule.Machine {
	m := bootrule.Machine{Number: w.m.Number, Halted: w.m.Halted != "", Released: w.m.Released}
	if w.j == nil {
		return m
	}
	m.Job, m.Image, m.Fruitless = w.j.State, w.j.Image != nil, w.fruitless()
	m.Since = w.now.Sub(w.j.Ended)
	m.Withdrawn = slices.ContainsFunc(pulled, func(d imager.Withdrawn) bool {
		return d.Machine == w.m.Number && !d.At.Before(w.j.Ended)
	})
	return m
}

// bootsNothing reports whether the machine, by what its records tell, is given
// nothing to boot.
func (w *work) bootsNothing(pulled []imager.Withdrawn) bool {
	return bootrule.Decide(w.bootFacts(pulled)).Action == bootrule.Nothing
}

// BootSighting is one thing that the boot servers saw a machine do. Stage, By
// and Chain are boot.Stage, boot.Asker and boot.Chain.
type BootSighting struct {
	Client BootClient
	Stage  string
	By     string
	Chain  string
	File   string
	Detail string
}

// work is the machine's progress in a job, if it is fresh.
func (p *present) work(machine int, job string, now time.Time) *api.Progress {
	p.mu.Lock()
	defer p.mu.Unlock()
	w, ok := p.progress[machine]
	if !ok || w.Job != job || now.Sub(w.at) > onlineFor {
		return nil
	}
	return &w.Progress
}
