package control

import (
	"context"
	"fmt"
	"strings"

	"regain.example/agent/api"
	"regain.example/imager"
)

// noteWithdrawn says loudly that a drive is here which was declared pulled out.
func (c *Controller) noteWithdrawn(ctx context.Context, w *work, inv api.Inventory) error {
	pulled, err := c.store.Withdrawn(ctx)
	if err != nil {
		return err
	}
	for _, said := range declared(w.m.Number, inv, pulled) {
		w.say(actorController, "%s", clean(said))
	}
	return nil
}

// declared says in words which drives of a machine's inventory were declared
// withdrawn.
func declared(machine int, inv api.Inventory, all []imager.Withdrawn) (said []string) {
	for _, x := range inv.Drives {
		for _, d := range all {
			if x.Excluded != "" || !isWithdrawn(machine, x, d) {
				continue
			}
			text := fmt.Sprintf("drive %s was declared pulled out of machine %d and under seal %s", withdrawnName(d), d.Machine, d.Seal)
			if d.Destroyed != nil {
				text += ", and destroyed by " + d.Destroyed.Who
			}
			said = append(said, text+": it must not be here. Pull it out, tell who is in charge, and start the machine again without it")
		}
	}
	return said
}

// isWithdrawn recognises a withdrawn drive wherever it is plugged in: by all that
// it says of itself, or by its serial and model; one that was never seen by its
// serial alone. A drive without a name of its own is recognised in its old place
// only, since others look the same.
func isWithdrawn(machine int, x api.Drive, d imager.Withdrawn) bool {
	if !x.Named() {
		return machine == d.Machine && d.Drive == x.ID()
	}
	return d.Drive == x.ID() || !x.SerialOfBridge && x.Serial != "" && sameSerial(x.Serial, d.Serial) &&
		(d.Drive == "" || tidy(x.Model) == d.Model)
}

func sameSerial(a, b string) bool {
	return strings.EqualFold(strings.TrimSpace(a), strings.TrimSpace(b))
}
