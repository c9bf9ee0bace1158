package control

import (
	"context"
	"net/netip"

	"regain.example/imager"
)

// BootSeen takes note of what a machine did on its way to the agent.
func (c *Controller) BootSeen(s BootSighting) {
	now := c.clock.now()
	c.attempts.saw(s, now)
	c.now.reached(s.Client.MAC, s.Stage, now)
	c.now.mu.Lock()
	defer c.now.mu.Unlock()
	c.now.show(0)
}

// BootRivals takes note of the other DHCP servers on the bench network.
func (c *Controller) BootRivals(servers []netip.Addr) {}

// Boots implements imager.Operator.
func (c *Controller) Boots(ctx context.Context) (imager.Boots, error) { return imager.Boots{}, nil }

// BootAgain implements imager.Operator.
func (c *Controller) BootAgain(ctx context.Context, actor, mac string) error { return nil }
