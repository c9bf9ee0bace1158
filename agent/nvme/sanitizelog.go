package nvme

import (
	"encoding/binary"
	"fmt"
	"time"
)

// SanitizeState is the state of the most recent sanitize operation, SSTAT bits
// 2:0.
type SanitizeState uint8

// The states (Base section 5.16.1.25).
const (
	NeverSanitized SanitizeState = 0
	// Sanitized: the most recent operation completed successfully.
	Sanitized          SanitizeState = 1
	SanitizeInProgress SanitizeState = 2
	SanitizeFailed     SanitizeState = 3
	// SanitizedDeallocated: it completed successfully, and deallocated although
	// No-Deallocate was requested.
	SanitizedDeallocated SanitizeState = 4
)

// String names the state in words.
func (s SanitizeState) String() string {
	switch s {
	case NeverSanitized:
		return "never sanitized"
	case Sanitized:
		return "sanitized"
	case SanitizeInProgress:
		return "sanitize in progress"
	case SanitizeFailed:
		return "sanitize failed"
	case SanitizedDeallocated:
		return "sanitized, deallocated"
	}
	return fmt.Sprintf("sanitize state %d", uint8(s))
}

// SanitizeLog is the Sanitize Status log page (Base section 5.16.1.25).
type SanitizeLog struct {
	// Progress is SPROG, bytes 1:0: the part that is complete, in 65536ths;
	// FFFFh unless an operation is in progress.
	Progress uint16
	// Status is SSTAT, bytes 3:2, whole: bits 2:0 are the state, 7:3 the
	// completed passes of an overwrite, 8 is Global Data Erased. In later
	// versions bit 11 tells that the operation was a purge by IEEE Std 2883
	// because Purge Required was set (nvme-log-sanitize(1)).
	Status uint16
	// Arguments is SCDW10, bytes 7:4: CDW10 of the command that started the
	// most recent operation.
	Arguments uint32
	// Expected durations of the operations, bytes 19:8; 0 if not told, or if
	// the operation is over when its command is. Overwrite is for 16 passes.
	Overwrite, Block, Crypto time.Duration
}

// State is the state of the most recent operation.
func (l SanitizeLog) State() SanitizeState { return SanitizeState(l.Status & 7) }

// Succeeded reports whether the most recent operation, whenever that was,
// completed successfully.
func (l SanitizeLog) Succeeded() bool {
	return l.State() == Sanitized || l.State() == SanitizedDeallocated
}

// Expected is how long the drive says that an action takes; 0 if it does not.
func (l SanitizeLog) Expected(a SanitizeAction) time.Duration {
	switch a {
	case SanitizeBlock:
		return l.Block
	case SanitizeCrypto:
		return l.Crypto
	case SanitizeOverwrite:
		return l.Overwrite / 16
	}
	return 0
}

// ParseSanitizeLog reads the 512 bytes of log page 81h.
func ParseSanitizeLog(b []byte) (SanitizeLog, error) {
	if len(b) != logBytes {
		return SanitizeLog{}, fmt.Errorf("parse the Sanitize Status log: %d bytes, not %d", len(b), logBytes)
	}
	return SanitizeLog{
		Progress:  binary.LittleEndian.Uint16(b),
		Status:    binary.LittleEndian.Uint16(b[2:]),
		Arguments: binary.LittleEndian.Uint32(b[4:]),
		Overwrite: estimate(b[8:]),
		Block:     estimate(b[12:]),
		Crypto:    estimate(b[16:]),
	}, nil
}

// estimate reads an estimated time in seconds; FFFFFFFFh means that none is
// reported.
func estimate(b []byte) time.Duration {
	seconds := binary.LittleEndian.Uint32(b)
	if seconds == 0xffffffff {
		return 0
	}
	return time.Duration(seconds) * time.Second
}

// ReadSanitizeLog asks the controller for its Sanitize Status log.
func ReadSanitizeLog(t Transport) (SanitizeLog, error) {
	data := pageAligned(logBytes)
	if err := readLog(t, logSanitize, data); err != nil {
		return SanitizeLog{}, err
	}
	return ParseSanitizeLog(data)
}
