package nvme

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// Status fields as the kernel hands them on: DNR in bit 14, M 13, CRD 12:11, SCT
// 10:8, SC 7:0 (Base figure 94, without the phase bit).
func TestStatus(t *testing.T) {
	for field, c := range map[uint16]struct {
		status           Status
		format, sanitize bool // known not to have begun
	}{
		0x4001:                          {StatusInvalidOpcode, true, true},
		0x4002:                          {StatusInvalidField, true, true},
		0x2002:                          {StatusInvalidField, true, true},
		0x4015:                          {StatusOperationDenied, true, true},
		0x4020:                          {StatusWriteProtected, true, true},
		0x4023:                          {StatusProhibited, true, true},
		0x4286:                          {StatusAccessDenied, true, true},
		0x400b:                          {StatusInvalidNamespace, true, false},
		0x400c:                          {StatusSequenceError, true, false},
		0x410a:                          {StatusInvalidFormat, true, false},
		0x410b:                          {StatusFirmwareConventional, false, true},
		0x4110:                          {StatusFirmwareSubsystem, false, true},
		0x4111:                          {StatusFirmwareReset, false, true},
		0x4123:                          {StatusSanitizeProhibited, false, true},
		0x4139:                          {StatusSuspended, false, true},
		0x0004:                          {0x004, false, false}, // Data Transfer Error
		0x0005:                          {0x005, false, false}, // Aborted due to Power Loss
		0x0006:                          {StatusInternalError, false, false},
		0x0007:                          {StatusAborted, false, false},
		0x0084:                          {StatusFormatInProgress, false, false},
		0x401c:                          {StatusSanitizeFailed, false, false},
		0x401d:                          {StatusSanitizeInProgress, false, false},
		0x7fff & ^uint16(0x300) | 0x200: {0x6ff, false, false},
	} {
		for op, refused := range map[Opcode]bool{OpcodeFormatNVM: c.format, OpcodeSanitize: c.sanitize, OpcodeIdentify: false} {
			err := statusError(op, field)
			var answer *StatusError
			if !errors.As(err, &answer) || answer.Status != c.status || RefusedBeforeStart(err) != refused {
				t.Errorf("opcode %02xh, %#x: %v", op, field, err)
			}
		}
	}
	if err := statusError(OpcodeFormatNVM, 0); err != nil {
		t.Error(err)
	}
	// Path-related: Host Aborted Command and Host Path Error are the kernel's.
	for _, err := range []error{
		statusError(OpcodeFormatNVM, 0x371), statusError(OpcodeFormatNVM, 0x370),
		unix.EINTR, unix.EIO, unix.ENODEV, errors.New("anything"), nil,
	} {
		var answer *StatusError
		if RefusedBeforeStart(err) || errors.As(err, &answer) {
			t.Errorf("%v passes for an answer of the drive", err)
		}
	}
	wrapped := fmt.Errorf("format: %w", &StatusError{OpcodeFormatNVM, StatusInvalidOpcode})
	if !RefusedBeforeStart(wrapped) || !strings.Contains(wrapped.Error(), "Invalid Command Opcode (001h)") {
		t.Error(wrapped)
	}
	if got := Status(0x712).String(); got != "status code type 7, status code 12h" {
		t.Error(got)
	}
}
