package run

import (
	"errors"
	"fmt"
	"net/url"

	"regain.example/agent/api"
)

// Registered shows the machine's number.
func (a *Agent) Registered(m api.MachineLabel) {
	a.registrations.Add(1)
	a.display.machine(m)
	a.display.connected("Connected to the controller")
}

// ShowCode shows the code of an enrolment whenever the machine waits; "" for none
// any more.
func (a *Agent) ShowCode(code string) { a.display.showCode(code) }

// Order takes a new order from the link.
func (a *Agent) Order(o api.Order) {
	if o.Machine.Number != 0 {
		a.display.machine(o.Machine)
	}
	a.orders.put(o)
}

// Connected shows that the trouble is over.
func (a *Agent) Connected() { a.display.connected("Connected to the controller") }

// Trouble shows what is wrong with the connection. The work goes on.
func (a *Agent) Trouble(err error) {
	var refusal *api.Problem
	var network *url.Error
	switch {
	case errors.As(err, &refusal):
		a.display.warn(refusal.Message)
	case errors.As(err, &network):
		a.display.warn(fmt.Sprintf("No connection to the controller, trying again (%v)", network.Err))
	default:
		a.display.warn(fmt.Sprintf("No connection to the controller, trying again (%v)", err))
	}
}
