package nvme

import "errors"

// RefusedBeforeStart reports whether err is an answer that a controller gives
// only before it begins to format or to sanitize, so that the media is as it
// was. Everything else, timeouts and resets above all, leaves the media in an
// unknown state. So does Sanitize In Progress, which tells of an operation that
// someone else started, and Sanitize Failed: that one left the media half
// erased.
//
// A drive that refuses a sanitize and runs it all the same has been seen behind
// a RAID controller; whoever sends one reads the Sanitize Status log after a
// refusal too.
func RefusedBeforeStart(err error) bool {
	var answer *StatusError
	if !errors.As(err, &answer) {
		return false
	}
	switch answer.Opcode {
	case OpcodeFormatNVM:
		return refusesFormat(answer.Status)
	case OpcodeSanitize:
		return refusesSanitize(answer.Status)
	}
	return false
}

// refusesFormat: the command or a field of it is not supported, the format is
// invalid, the namespace does not exist or is write-protected, or access is
// denied (Base section 5.14 and figures 96 to 98).
func refusesFormat(s Status) bool {
	switch s {
	case StatusInvalidOpcode, StatusInvalidField, StatusInvalidNamespace, StatusOperationDenied,
		StatusWriteProtected, StatusProhibited, StatusInvalidFormat, StatusAccessDenied:
		return true
	}
	return false
}

// refusesSanitize: the command or the action is not supported, access is
// denied, a namespace is write-protected, or the controller is in a condition
// in which it aborts every Sanitize command (Base section 5.24 and figures 96 to
// 98).
func refusesSanitize(s Status) bool {
	switch s {
	case StatusInvalidOpcode, StatusInvalidField, StatusOperationDenied, StatusWriteProtected,
		StatusProhibited, StatusFirmwareConventional, StatusFirmwareSubsystem, StatusFirmwareReset,
		StatusSanitizeProhibited, StatusAccessDenied:
		return true
	}
	return false
}
