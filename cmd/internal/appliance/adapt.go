package appliance

import (
	"context"
	"net/netip"

	"regain.example/boot"
	"regain.example/imager/control"
)

// bootAdapter lets the boot servers ask the controller, without either house
// knowing the other.
type bootAdapter struct{ control *control.Controller }

var (
	_ boot.Decider  = bootAdapter{}
	_ boot.Observer = bootAdapter{}
)

func client(c boot.Client) control.BootClient {
	return control.BootClient{
		MAC: c.MAC.String(), UUID: c.UUID, Arch: c.Arch.String(), Addr: c.Addr,
		Manufacturer: c.Manufacturer, Product: c.Product, Serial: c.Serial,
	}
}

// Decide implements boot.Decider.
func (b bootAdapter) Decide(ctx context.Context, c boot.Client) (boot.Decision, error) {
	d, err := b.control.BootDecision(ctx, client(c))
	if err != nil {
		return boot.Decision{}, err
	}
	return boot.Decision{Action: action(d.Action), Token: d.Token, Reason: d.Reason}, nil
}

// action maps one enumeration to the other; what is not known boots nothing.
func action(a control.BootAction) boot.Action {
	switch a {
	case control.BootAgent:
		return boot.ActionAgent
	case control.BootLocalDisk:
		return boot.ActionLocalDisk
	}
	return boot.ActionNone
}

// Observe implements boot.Observer.
func (b bootAdapter) Observe(s boot.Sighting) {
	b.control.BootSeen(control.BootSighting{
		Client: client(s.Client), Stage: string(s.Stage), By: string(s.By), Chain: string(s.Chain), File: s.File, Detail: s.Detail,
	})
}

// Rivals implements boot.Observer.
func (b bootAdapter) Rivals(servers []netip.Addr) { b.control.BootRivals(servers) }
