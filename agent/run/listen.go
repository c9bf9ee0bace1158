package run

import (
	"errors"

	"regain.example/agent/api"
)

// Registered shows the machine's number.
func (a *Agent) Registered(m api.MachineLabel) {
	a.display.machine(m)
	a.display.footer("Connected to the controller")
}

// Order takes a new order from the link.
func (a *Agent) Order(o api.Order) {
	if o.Machine.Number != 0 {
		a.display.machine(o.Machine)
	}
	a.orders.put(o)
}

// Connected shows that the trouble is over.
func (a *Agent) Connected() { a.display.footer("Connected to the controller") }

// Trouble shows what is wrong with the connection. The work goes on.
func (a *Agent) Trouble(err error) {
	var p *api.Problem
	if errors.As(err, &p) {
		a.display.footer(p.Message)
		return
	}
	a.display.footer("No connection to the controller, trying again: " + err.Error())
}
