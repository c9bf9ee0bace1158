package dhcp

import (
	"github.com/insomniacslk/dhcp/dhcpv4"

	"regain.example/agent/api/cmdline"
)

// tellController adds the controller's address to the reply to an agent that was
// started from a stick and asks for it. It is no secret, and proves nothing: such
// an agent obeys nobody who does not know the code on its screen.
func (a *answerer) tellController(p, r *dhcpv4.DHCPv4) {
	if a.config.Controller != "" && asksForController(p) {
		r.UpdateOption(dhcpv4.OptGeneric(dhcpv4.GenericOptionCode(cmdline.ControllerOption), []byte(a.config.Controller)))
	}
}

// asksForController reports whether p comes from an agent in search of its
// controller. Such a client is answered in every mode.
func asksForController(p *dhcpv4.DHCPv4) bool { return p.ClassIdentifier() == cmdline.AgentClass }
