package appliance

import (
	"fmt"

	"regain.example/cmd/internal/config"
	"regain.example/imager/control"
	"regain.example/imager/seed"
)

// renderSeed makes the seeds of installed machines, which call the agent API's
// address.
func renderSeed(b config.Bench, pin string) control.Seed {
	return func(in control.SeedInput) (map[string][]byte, error) {
		return seed.Render(seed.Params{
			Hostname:    in.Hostname,
			InstanceID:  in.InstanceID,
			CallHomeURL: agentURL(b) + "/first-boot/v1",
			Pin:         pin,
			Token:       in.CallToken,
		})
	}
}

// agentURL is where agents and installed machines find the controller.
func agentURL(b config.Bench) string {
	return fmt.Sprintf("https://%s:%d", b.Address.Addr(), b.AgentPort)
}
