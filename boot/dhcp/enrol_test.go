package dhcp

import (
	"testing"

	"github.com/insomniacslk/dhcp/dhcpv4"

	"regain.example/agent/api/cmdline"
	"regain.example/boot"
)

// TestController: an agent from a stick is told where the controller is, with its
// address and when it has one already; nobody else is.
func TestController(t *testing.T) {
	const url = "https://10.77.0.1:8443"
	for name, test := range map[string]struct {
		class, controller, want string
		with                    dhcpv4.Modifier
	}{
		"agent without an address": {cmdline.AgentClass, url, url, nil},
		"agent with an address": {cmdline.AgentClass, url, url, func(p *dhcpv4.DHCPv4) {
			p.UpdateOption(dhcpv4.OptMessageType(dhcpv4.MessageTypeInform))
			p.ClientIPAddr = []byte{10, 77, 0, 50}
		}},
		"another system":     {"MSFT 5.0", url, "", nil},
		"no class":           {"", url, "", nil},
		"nothing to be told": {cmdline.AgentClass, "", "", nil},
	} {
		b := newBench(t, boot.Decision{})
		b.config.Controller = test.controller
		p := discover(t, 1, dhcpv4.WithOption(dhcpv4.OptClassIdentifier(test.class)))
		if test.with != nil {
			test.with(p)
		}
		reply, _ := b.send(t, p)
		if reply == nil {
			t.Errorf("%s: no answer", name)
			continue
		}
		if got := string(reply.GetOneOption(dhcpv4.GenericOptionCode(cmdline.ControllerOption))); got != test.want {
			t.Errorf("%s: told %q, want %q", name, got, test.want)
		}
	}
}
