package enrol

import (
	"crypto/hmac"
	"errors"

	"regain.example/agent/api"
	"regain.example/agent/link"
)

// ErrUnproven is told where a controller orders work and has not shown that it
// knows the code.
var ErrUnproven = errors.New("a controller orders work and does not know this code: nothing was done; look for a foreign device on the bench network")

// Agent is who follows the orders and shows the code.
type Agent interface {
	link.Listener
	// ShowCode shows the code while the machine waits; "" for none any more.
	ShowCode(code string)
}

// Gate stands between the link and the agent. Until the controller has shown that
// it knows the code, only orders to wait and to stop come through: whoever runs
// the network could give any other.
type Gate struct {
	Agent
	code  Code
	proof []byte // what the controller must show
	enrol api.Enrolment
}

// NewGate returns a gate before a, which shows the code from now on.
func NewGate(c Code, a Agent) (*Gate, error) {
	key, err := api.CodeKey(c.Text, c.Nonce)
	if err != nil {
		return nil, err
	}
	a.ShowCode(c.String())
	return &Gate{
		Agent: a, code: c,
		proof: api.ControllerProof(key, c.Pin),
		enrol: api.Enrolment{Nonce: c.Nonce, Proof: api.AgentProof(key, c.Pin)},
	}, nil
}

// Enrolment is what goes into the registration.
func (g *Gate) Enrolment() *api.Enrolment { return &g.enrol }

// Order passes on an order that may be obeyed, and an order to wait in place of
// any other. The code is shown as long as nobody has proved to know it.
func (g *Gate) Order(o api.Order) {
	proven := hmac.Equal(o.Proof, g.proof)
	if proven {
		g.ShowCode("")
	} else {
		g.ShowCode(g.code.String())
		o = harmless(o)
	}
	g.Agent.Order(o)
}

// harmless is o if it destroys nothing, and shows nothing that could be taken for
// a result; else an order to wait.
func harmless(o api.Order) api.Order {
	switch o.Kind {
	case api.OrderWait, api.OrderStop:
		return o
	}
	return api.Order{Revision: o.Revision, Kind: api.OrderWait, Machine: o.Machine, Message: ErrUnproven.Error()}
}
