package control

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"regain.example/imager"
	"regain.example/imager/bootwatch"
	"regain.example/imager/identity"
)

// BootSeen takes note of what a machine did on its way to the agent.
func (c *Controller) BootSeen(s BootSighting) {
	now := c.clock.now()
	c.attempts.saw(s, now)
	c.boots.saw(s, now)
	c.now.tellAll()
}

// BootRivals takes note of the other DHCP servers on the bench network.
func (c *Controller) BootRivals(servers []netip.Addr) {
	if c.boots.others(servers) {
		c.now.tellAll()
	}
}

// Boots implements imager.Operator.
func (c *Controller) Boots(ctx context.Context) (imager.Boots, error) {
	all, err := c.store.Machines(ctx)
	if err != nil {
		return imager.Boots{}, fmt.Errorf("list boots: %w", err)
	}
	return c.bootsOf(ctx, all)
}

// bootsOf lists who is on the way to the agent, latest first.
func (c *Controller) bootsOf(ctx context.Context, machines []imager.Machine) (imager.Boots, error) {
	known := make([]identity.Known, len(machines))
	for i, m := range machines {
		known[i] = identity.Known{Number: m.Number, Inventory: m.Inventory}
	}
	now := c.clock.now()
	each, rivals := c.boots.now()
	list := []imager.Boot{}
	for mac, m := range each {
		w := &m.watch
		if w.Arrived {
			continue
		}
		n := identity.FromBoot(mac, m.client.UUID, m.client.Serial, known)
		held, err := c.held(ctx, mac, n)
		if err != nil {
			return imager.Boots{}, fmt.Errorf("list boots: %w", err)
		}
		if !held && now.Sub(w.At) > shownFor(w.Stage) {
			continue
		}
		b := imager.Boot{
			MAC: mac, Addr: m.client.Addr, UUID: m.client.UUID, Name: m.client.name(), Machine: n, Arch: w.Arch, Stage: w.Stage,
			Chain: w.Chain, At: w.At, Began: w.Began, Tries: w.Tries(), Held: held, Trouble: w.Trouble(now, len(rivals) > 0),
		}
		if held {
			b.Trouble = w.Hold()
		}
		list = append(list, b)
	}
	slices.SortFunc(list, func(a, b imager.Boot) int {
		return cmp.Or(b.At.Compare(a.At), strings.Compare(a.MAC, b.MAC))
	})
	return imager.Boots{Rivals: rivals, Clients: list}, nil
}

// held reports whether an operator is asked before the machine boots again; n is
// its number, or 0.
func (c *Controller) held(ctx context.Context, mac string, n int) (bool, error) {
	if n == 0 || c.attempts.held(mac) {
		return c.attempts.held(mac), nil
	}
	w, err := c.read(ctx, n)
	switch {
	case errors.Is(err, imager.ErrNotFound): // forgotten meanwhile, to make room
		return false, nil
	case err != nil:
		return false, err
	}
	return w.stuck(), nil
}

// shownFor is how long a machine that was not seen again stays listed.
func shownFor(stage string) time.Duration {
	if stage == "local-disk" {
		return 10 * time.Minute
	}
	return 2 * time.Hour
}

// troubleOf is what keeps a machine from its agent; nil for one that is meant to
// boot nothing.
func troubleOf(machine int, b imager.Boots) *imager.BootTrouble {
	i := slices.IndexFunc(b.Clients, func(b imager.Boot) bool { return b.Machine == machine })
	if i < 0 || b.Clients[i].Trouble == nil || b.Clients[i].Trouble.Kind == string(bootwatch.Refused) {
		return nil
	}
	return b.Clients[i].Trouble
}
