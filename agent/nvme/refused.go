package nvme

import "errors"

// RefusedBeforeStart reports whether err is an answer that a controller gives
// only before it begins to format or to sanitize, so that the media is as it
// was. Everything else, timeouts and resets above all, leaves the media in an
// unknown state. So does Sanitize In Progress, which tells of an operation that
// someone else started, and Sanitize Failed: that one left the media half
// erased.
//
// Base 2.3 section 8.1.26.1 says of any status but success that the controller
// has not started the sanitize, altered no data and left the log as it was. Only
// statuses that cannot mean anything else are taken for that here; drives that
// refuse an erasure and run it all the same have been seen behind RAID
// controllers, so whoever sends one reads the Sanitize Status log after a refusal
// too.
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
// invalid, the namespace does not exist or is write-protected, access is denied,
// or other commands for the namespace are still being processed, for which the
// status is Command Sequence Error (Base section 5.14 and figures 96 to 98, Base
// 2.3 section 5.2.10).
func refusesFormat(s Status) bool {
	switch s {
	case StatusInvalidOpcode, StatusInvalidField, StatusInvalidNamespace, StatusSequenceError,
		StatusOperationDenied, StatusWriteProtected, StatusProhibited, StatusInvalidFormat, StatusAccessDenied:
		return true
	}
	return false
}

// refusesSanitize: the command or the action is not supported, access is
// denied, a namespace is write-protected, or the controller is in a condition
// in which it aborts every Sanitize command (Base section 5.24 and figures 96 to
// 98, Base 2.3 sections 5.2.22 and 8.1.26.1).
func refusesSanitize(s Status) bool {
	switch s {
	case StatusInvalidOpcode, StatusInvalidField, StatusOperationDenied, StatusWriteProtected,
		StatusProhibited, StatusFirmwareConventional, StatusFirmwareSubsystem, StatusFirmwareReset,
		StatusSanitizeProhibited, StatusSuspended, StatusAccessDenied:
		return true
	}
	return false
}
