package nvme

import (
	"errors"
	"fmt"
)

// Status is the status of a completion: the status code type in bits 10:8 and
// the status code in bits 7:0 (Base section 3.3.3.2.1).
type Status uint16

// The statuses with which a controller refuses Format NVM before it begins, and
// those that programs decide by (Base figures 96 to 98).
const (
	StatusSuccess            Status = 0x000
	StatusInvalidOpcode      Status = 0x001
	StatusInvalidField       Status = 0x002
	StatusInternalError      Status = 0x006
	StatusAborted            Status = 0x007
	StatusInvalidNamespace   Status = 0x00b
	StatusSequenceError      Status = 0x00c
	StatusSanitizeFailed     Status = 0x01c
	StatusSanitizeInProgress Status = 0x01d
	StatusWriteProtected     Status = 0x020
	StatusFormatInProgress   Status = 0x084
	StatusInvalidFormat      Status = 0x10a
	StatusAccessDenied       Status = 0x286
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
	case StatusSanitizeFailed:
		return "Sanitize Failed"
	case StatusSanitizeInProgress:
		return "Sanitize In Progress"
	case StatusWriteProtected:
		return "Namespace is Write Protected"
	case StatusFormatInProgress:
		return "Format In Progress"
	case StatusInvalidFormat:
		return "Invalid Format"
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

// RefusedBeforeStart reports whether err is an answer that a controller gives
// only before it begins to format, so that the media is as it was: the command
// or a field of it is not supported, the format is invalid, the namespace does
// not exist or is write-protected, or access is denied (Base section 5.14 and
// figures 96 to 98). Everything else, timeouts and resets above all, leaves the
// media in an unknown state.
func RefusedBeforeStart(err error) bool {
	var refused *StatusError
	if !errors.As(err, &refused) {
		return false
	}
	switch refused.Status {
	case StatusInvalidOpcode, StatusInvalidField, StatusInvalidNamespace,
		StatusWriteProtected, StatusInvalidFormat, StatusAccessDenied:
		return true
	}
	return false
}
