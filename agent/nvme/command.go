// Package nvme speaks NVM Express: Identify, the logs of sanitize and health,
// Format NVM and Sanitize, and reads past the drive's cache. It tells what the
// drive answered and leaves the judgement to others.
//
// Sources: NVM Express Base Specification 2.0c ("Base") and, for what was looked
// up later, 2.3 ("Base 2.3"); NVM Command Set Specification 1.0c ("NVM").
package nvme

import "time"

// Opcode is that of an admin command (Base figure 138).
type Opcode uint8

// The commands in use.
const (
	OpcodeGetLogPage Opcode = 0x02
	OpcodeIdentify   Opcode = 0x06
	OpcodeFormatNVM  Opcode = 0x80
	OpcodeSanitize   Opcode = 0x84
)

// Command is an admin command without its data.
type Command struct {
	Opcode  Opcode
	NSID    uint32
	CDW10   uint32
	CDW11   uint32
	Timeout time.Duration // 0 leaves it to the kernel (60 s)
}

// Transport takes admin commands to one controller. Admin returns a
// *StatusError if the controller answered with a status other than success; any
// other error means that no answer of the controller was received, and whether
// it ran the command is then unknown.
type Transport interface {
	Admin(c Command, data []byte) error
	Close() error
}
