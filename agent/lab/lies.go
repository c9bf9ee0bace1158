package lab

// Lies are what the firmware of a drive does against its specification. The zero
// value is an honest drive.
type Lies struct {
	// EraseNothing: Format NVM and Sanitize report success and erase nothing.
	EraseNothing bool
	// EraseTouched: only what was read or written since power-on is erased:
	// the drive erases where it was watched.
	EraseTouched bool
	// FirstNamespaceOnly: only the first namespace is erased, whichever was
	// asked for.
	FirstNamespaceOnly bool
	// RestoreAtRead: what was erased is back with the n-th read request after
	// the erasure; 0 is never.
	RestoreAtRead int
	// RestoreAtPowerOn: what was erased is back at the next power-on.
	RestoreAtPowerOn bool
	// ShowErased: reads yield an erased drive while the medium is as it was;
	// a read with FUA shows the medium.
	ShowErased bool

	// StuckAt: the progress of a sanitize stays at this value (SPROG) and never
	// ends; 0 is never.
	StuckAt uint16
	// LogZeroed: the Sanitize Status log is all zero, which says that the drive
	// was never sanitized.
	LogZeroed bool
	// ForgetsSanitize: a power cut ends a sanitize, and the log then says that
	// the drive was never sanitized.
	ForgetsSanitize bool

	// WrapAt: addresses begin again at 0 from this offset; 0 is never.
	WrapAt int64
	// FlushLost: flushes are acknowledged, and what they should have written
	// stays in the cache until it is displaced or the power is cut, and is
	// lost then.
	FlushLost bool
	// FailRead and FailWrite tell which sectors fail, by their offset.
	FailRead, FailWrite func(off int64) bool

	// OtherSerial, OtherSize and OtherFormat: after an erasure the drive tells
	// another serial, is one MiB smaller, or uses another LBA format.
	OtherSerial, OtherSize, OtherFormat bool
}
