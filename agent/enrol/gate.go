package enrol

import (
	"crypto/hmac"
	"errors"

	"regain.example/agent/api"
	"regain.example/agent/link"
)

// ErrUnproven is told where a controller orders work and has not shown that it
// knows the code.
var ErrUnproven = errors.New("this controller orders work and does not know the code of this screen: nothing was done; look for a foreign device on the bench network")

// Gate stands between the link and the agent. Until the controller has shown that
// it knows the code, only orders to wait and to stop come through: whoever runs
// the network could give any other.
type Gate struct {
	link.Listener
	proof []byte // what the controller must show
	enrol api.Enrolment
}

// NewGate returns a gate for the code.
func NewGate(c Code) (*Gate, error) {
	key, err := api.CodeKey(c.Text, c.Nonce)
	if err != nil {
		return nil, err
	}
	return &Gate{
		proof: api.ControllerProof(key, c.Pin),
		enrol: api.Enrolment{Nonce: c.Nonce, Proof: api.AgentProof(key, c.Pin)},
	}, nil
}

// Enrolment is what goes into the registration.
func (g *Gate) Enrolment() *api.Enrolment { return &g.enrol }

// Order passes on an order that may be obeyed, and an order to wait in place of
// any other.
func (g *Gate) Order(o api.Order) {
	if g.mayObey(o) {
		g.Listener.Order(o)
		return
	}
	g.Listener.Order(api.Order{Revision: o.Revision, Kind: api.OrderWait, Machine: o.Machine, Message: ErrUnproven.Error()})
}

// mayObey reports whether o is harmless, or the controller's who knows the code.
func (g *Gate) mayObey(o api.Order) bool {
	switch o.Kind {
	case api.OrderWait, api.OrderStop:
		return true
	}
	return hmac.Equal(o.Proof, g.proof)
}
