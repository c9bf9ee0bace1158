package script

import (
	"strings"

	"regain.example/agent/api/cmdline"
	"regain.example/boot"
)

// Agent is what every agent is started with.
type Agent struct {
	// Controller and Pin are cmdline.Params's.
	Controller string
	Pin        string
	// Extra are further kernel parameters, such as "console=ttyS0".
	Extra []string
}

// Cmdline returns the agent's kernel command line for one boot of c.
func (a Agent) Cmdline(c boot.Client, token string) string {
	p := cmdline.Params{Controller: a.Controller, Pin: a.Pin, Token: token, MAC: c.MAC.String()}
	return strings.Join(append([]string{p.String()}, a.Extra...), " ")
}

// Check reports whether the parameters that are the same for every machine can
// be written into a script, so that a mistake is found at the start and not by
// the first machine.
func (a Agent) Check() error {
	_, err := words(a.Cmdline(boot.Client{}, ""))
	return err
}
