package control

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"

	"regain.example/agent/api"
	"regain.example/imager"
	"regain.example/imager/bootrule"
)

// BootAgain lets the machines behind an address have the agent again after three
// boots in a row that failed. Each machine known by that address has it in its
// log.
func (c *Controller) BootAgain(ctx context.Context, actor, mac string) error {
	hw, err := net.ParseMAC(mac)
	if err != nil || len(hw) != 6 {
		return fmt.Errorf("boot again: %w: %q is not an Ethernet address", imager.ErrInvalid, clean(mac))
	}
	mac = hw.String()
	all, err := c.store.Machines(ctx)
	if err != nil {
		return fmt.Errorf("boot again %s: %w", mac, err)
	}
	failed := c.attempts.failed(mac)
	let := failed > 0
	for _, m := range all {
		if !hasAddress(m.Inventory, mac) {
			continue
		}
		stuck, err := c.letBoot(ctx, actor, m.Number, c.attempts.unmet(mac, m.Inventory.System.UUID))
		if err != nil {
			return fmt.Errorf("boot again %s: %w", mac, err)
		}
		let = let || stuck
	}
	if !let {
		return fmt.Errorf("boot again %s: %w: no boot of it has failed", mac, imager.ErrConflict)
	}
	if c.attempts.again(mac) {
		c.cfg.Log.Info("a machine may have the agent again", "machine", mac, "actor", actor, "failed", failed)
	}
	c.now.mu.Lock()
	defer c.now.mu.Unlock()
	c.now.show(0)
	return nil
}

// letBoot forgets the boots that brought the machine's job no further, and
// reports whether there were any. failed counts its agents that never registered.
func (c *Controller) letBoot(ctx context.Context, actor string, machine, failed int) (stuck bool, err error) {
	err = c.change(ctx, machine, func(w *work) error {
		stuck = w.stuck()
		switch {
		case stuck:
			w.say(actor, "may boot again, after %d boots in a row that brought its job no further", w.fruitless())
			w.bootAgain()
		case failed > 0:
			w.say(actor, "may boot again, after %d agents in a row that never registered", failed)
		}
		return nil
	})
	return stuck, err
}

// stuck reports whether the machine is given nothing because of the boots that
// brought its job no further.
func (w *work) stuck() bool { return bootrule.Decide(w.bootFacts(nil)).Held }

func hasAddress(inv api.Inventory, mac string) bool {
	return slices.ContainsFunc(inv.NICs, func(n api.NIC) bool { return strings.EqualFold(n.MAC, mac) })
}
