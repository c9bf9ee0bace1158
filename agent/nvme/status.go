package nvme

import "fmt"

// Status is the status of a completion: the status code type in bits 10:8 and
// the status code in bits 7:0 (Base section 3.3.3.2.1).
type Status uint16

// The statuses with which a controller refuses Format NVM or Sanitize before it
// begins, and those that programs decide by (Base figures 96 to 98).
const (
	StatusSuccess            Status = 0x000
	StatusInvalidOpcode      Status = 0x001
	StatusInvalidField       Status = 0x002
	StatusInternalError      Status = 0x006
	StatusAborted            Status = 0x007
	StatusInvalidNamespace   Status = 0x00b
	StatusSequenceError      Status = 0x00c
	StatusOperationDenied    Status = 0x015
	StatusSanitizeFailed     Status = 0x01c
	StatusSanitizeInProgress Status = 0x01d
	StatusWriteProtected     Status = 0x020
	StatusProhibited         Status = 0x023 // by Command and Feature Lockdown
	StatusLBARange           Status = 0x080
	StatusFormatInProgress   Status = 0x084
	StatusInvalidFormat      Status = 0x10a
	// A sanitize is refused while firmware waits for a reset, or while a
	// persistent memory region is enabled.
	StatusFirmwareConventional Status = 0x10b
	StatusFirmwareSubsystem    Status = 0x110
	StatusFirmwareReset        Status = 0x111
	StatusSanitizeProhibited   Status = 0x123
	StatusSuspended            Status = 0x139
	StatusAccessDenied         Status = 0x286
)

// String names the status as the specification does, where it is known here.
func (s Status) String() string {
	switch s {
	case StatusSuccess:
		return "Successful Completion"
	case StatusInvalidOpcode:
		return "Invalid Command Opcode"
	case StatusInvalidField:
		return "Invalid Field in Command"
	case StatusInternalError:
		return "Internal Error"
	case StatusAborted:
		return "Command Abort Requested"
	case StatusInvalidNamespace:
		return "Invalid Namespace or Format"
	case StatusSequenceError:
		return "Command Sequence Error"
	case StatusOperationDenied:
		return "Operation Denied"
	case StatusSanitizeFailed:
		return "Sanitize Failed"
	case StatusSanitizeInProgress:
		return "Sanitize In Progress"
	case StatusWriteProtected:
		return "Namespace is Write Protected"
	case StatusProhibited:
		return "Command Prohibited by Command and Feature Lockdown"
	case StatusLBARange:
		return "LBA Out of Range"
	case StatusFormatInProgress:
		return "Format In Progress"
	case StatusInvalidFormat:
		return "Invalid Format"
	case StatusFirmwareConventional:
		return "Firmware Activation Requires Conventional Reset"
	case StatusFirmwareSubsystem:
		return "Firmware Activation Requires NVM Subsystem Reset"
	case StatusFirmwareReset:
		return "Firmware Activation Requires Controller Level Reset"
	case StatusSanitizeProhibited:
		return "Sanitize Prohibited While Persistent Memory Region is Enabled"
	case StatusSuspended:
		return "Controller Suspended"
	case StatusAccessDenied:
		return "Access Denied"
	}
	return fmt.Sprintf("status code type %d, status code %02xh", s.Type(), uint8(s))
}

// Type is the status code type; 3 is "path related", which hosts use for
// commands that they ended themselves.
func (s Status) Type() uint8 { return uint8(s >> 8 & 7) }

// StatusError is a controller's answer other than success.
type StatusError struct {
	Opcode Opcode
	Status Status
}

func (e *StatusError) Error() string {
	return fmt.Sprintf("command %02xh: %s (%03xh)", uint8(e.Opcode), e.Status, uint16(e.Status))
}
