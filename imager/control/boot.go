package control

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"regain.example/agent/api"
	"regain.example/imager"
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

// BootDecision says what a machine boots. It writes nothing, so that a stranger
// costs nothing. Only a machine whose work is done starts its own disk; in any
// doubt it gets the agent, which does nothing without an approval.
func (c *Controller) BootDecision(ctx context.Context, b BootClient) (BootDecision, error) {
	all, err := c.store.Machines(ctx)
	if err != nil {
		return BootDecision{}, fmt.Errorf("decide boot: %w", err)
	}
	known := make([]identity.Known, len(all))
	for i, m := range all {
		known[i] = identity.Known{Number: m.Number, Inventory: m.Inventory}
	}
	reason := "a machine not met before"
	if n := identity.FromBoot(b.MAC, b.UUID, b.Serial, known); n != 0 {
		w, err := c.read(ctx, n)
		if err != nil {
			return BootDecision{}, fmt.Errorf("decide boot: %w", err)
		}
		if ownDisk(w) {
			return BootDecision{Action: BootLocalDisk, Reason: fmt.Sprintf("machine %d: %s", n, w.j.Reason)}, nil
		}
		reason = fmt.Sprintf("machine %d", n)
	}
	t, err := c.tokens.Issue(b.MAC, b.UUID)
	if err != nil {
		return BootDecision{}, fmt.Errorf("decide boot: %w: %w", imager.ErrInvalid, err)
	}
	return BootDecision{Action: BootAgent, Token: t, Reason: reason}, nil
}

// ownDisk reports whether the machine has an installed system to start.
func ownDisk(w *work) bool {
	return w.j != nil && w.j.Image != nil && w.m.Halted == "" && !w.m.Released &&
		(w.j.State == imager.JobInstalled || w.j.State == imager.JobDone)
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
