// Package boot takes a machine from power-on to the agent. The packages below it
// are the protocols, in the order in which a machine meets them: dhcp, tftp,
// httpboot and script. What a machine should boot is decided elsewhere, behind
// Decider; who wants to know how far a machine has come implements Observer.
package boot

import (
	"context"
	"net"
	"net/netip"
)

// Client is what a machine's firmware or boot loader says of itself. Any field
// but MAC may be empty, and all of it may be a lie.
type Client struct {
	MAC net.HardwareAddr
	// UUID is SMBIOS's, in the text form in which the field's first three
	// parts are little-endian in the bytes (RFC 4578 section 2.3, DSP0134
	// section 7.2.1); empty if the client sent none or nonsense.
	UUID         string
	Manufacturer string
	Product      string
	Serial       string
	Arch         Arch
	Addr         netip.Addr
}

// Action is what a machine is given to boot.
type Action int

// The actions. The zero value is none: such a machine is refused, and boots
// nothing from us.
const (
	ActionNone Action = iota
	ActionAgent
	ActionLocalDisk
)

// Decision is a Decider's answer.
type Decision struct {
	Action Action
	// Token is put on the agent's command line (ActionAgent).
	Token string
	// Reason is logged, and shown by the boot loader on the machine's screen.
	Reason string
}

// Undecided is what a machine is told when the Decider has no answer: it asks
// again.
func Undecided() Decision {
	return Decision{Reason: "the controller cannot decide now, see its log"}
}

// End is the stage at which the way to the agent ends with d; "" if it does not.
func (d Decision) End() Stage {
	switch d.Action {
	case ActionAgent:
		return ""
	case ActionLocalDisk:
		return StageLocalDisk
	}
	return StageRefused
}

// Decider says what a machine boots. It is asked many times in one boot, since
// the protocols have no state; its answers must not depend on having been asked.
type Decider interface {
	Decide(ctx context.Context, c Client) (Decision, error)
}

// Observer is told what each machine does on its way. It must not block.
type Observer interface {
	Observe(s Sighting)
	// Rivals is told which other DHCP servers answer on the bench network,
	// each time that a probe ends; none is an empty list.
	Rivals(servers []netip.Addr)
}

// Meter counts what the servers did, for the metrics. It must not block.
type Meter interface {
	// DHCP counts one message received or sent, such as "discover" or "ack",
	// or what became of one: "malformed", "dropped" in a flood, "withheld"
	// (no address was offered).
	DHCP(message string)
	// TFTP counts one finished transfer: result is "ok", "error" or
	// "refused".
	TFTP(result string, bytes int64)
	// HTTP counts one finished request for kind: "script", "kernel",
	// "initramfs", "loader", "image", "agent" (the agent API) or "other"; and
	// one connection that was not accepted since there are too many, for kind
	// "refused".
	HTTP(kind string, status int, bytes int64)
}
