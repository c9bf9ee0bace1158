package control

import (
	"context"
	"fmt"
	"net/netip"

	"regain.example/imager"
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
	list := c.boots.of(all, c.clock.now(), c.attempts.held)
	return imager.Boots{Rivals: c.boots.servers(), Clients: list}, nil
}

// troubleOf is what keeps a machine from its agent.
func troubleOf(machine int, boots []imager.Boot) *imager.BootTrouble {
	for _, b := range boots {
		if b.Machine == machine {
			return b.Trouble
		}
	}
	return nil
}
