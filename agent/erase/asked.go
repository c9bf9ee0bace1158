package erase

import (
	"errors"
	"time"

	"regain.example/agent/api"
	"regain.example/agent/nvme"
)

// asking counts the commands that only ask. A sanitize of hours is polled each
// second: one by one they would fill the evidence.
type asking struct {
	nvme.Transport
	elapsed func() time.Duration
	seen    *api.Attempt
}

// Admin implements nvme.Transport.
func (a asking) Admin(c nvme.Command, data []byte) error {
	name := ""
	switch c.Opcode {
	case nvme.OpcodeIdentify:
		name = "Identify"
	case nvme.OpcodeGetLogPage:
		name = "Get Log Page"
	default:
		return a.Transport.Admin(c, data) // noted by who sends it
	}
	began := a.elapsed()
	err := a.Transport.Admin(c, data)
	a.count(name, c, err, a.elapsed()-began)
	return err
}

func (a asking) count(name string, c nvme.Command, err error, took time.Duration) {
	kind := a.kind(name, c)
	kind.Times++
	kind.Millis += took.Milliseconds()
	kind.Status = 0
	var answer *nvme.StatusError
	switch {
	case errors.As(err, &answer):
		kind.Failed, kind.Status = kind.Failed+1, int(answer.Status)
	case err != nil:
		kind.Failed, kind.Status = kind.Failed+1, -1
	}
}

// kind finds the commands of the same kind in the evidence; there are a few.
func (a asking) kind(name string, c nvme.Command) *api.Asked {
	for i := range a.seen.Asked {
		if k := &a.seen.Asked[i]; k.Opcode == uint8(c.Opcode) && k.NSID == c.NSID && k.Arguments == c.CDW10 {
			return k
		}
	}
	a.seen.Asked = append(a.seen.Asked, api.Asked{Name: name, Opcode: uint8(c.Opcode), NSID: c.NSID, Arguments: c.CDW10})
	return &a.seen.Asked[len(a.seen.Asked)-1]
}
