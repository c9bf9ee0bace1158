package api

// DriveEvidence is what was seen while one drive was erased: facts, never an
// outcome. It holds hashes and counts, never a drive's contents.
type DriveEvidence struct {
	Drive  DriveID `json:"drive"`
	Before Drive   `json:"before"`
	// After is the drive as identified again after the last attempt; nil if
	// it could not be.
	After      *Drive    `json:"after,omitempty"`
	AfterError string    `json:"after_error,omitempty"`
	Attempts   []Attempt `json:"attempts"`

	IdentifyBefore *Identify `json:"identify_before,omitempty"`
	IdentifyAfter  *Identify `json:"identify_after,omitempty"`
	HealthBefore   *Health   `json:"health_before,omitempty"`
	HealthAfter    *Health   `json:"health_after,omitempty"`
	// NativeBytes is the size that the drive would have without a limit set
	// by software (a host protected area, unallocated capacity); 0 if it does
	// not tell.
	NativeBytes uint64 `json:"native_bytes,omitempty"`
	// Resumed is what the work went on from, as ordered; nil for a start
	// from nothing.
	Resumed *Resume `json:"resumed,omitempty"`
	// Stopped is set when the work ended before its time: "cancelled",
	// "drive disappeared", "agent crashed"...
	Stopped string `json:"stopped,omitempty"`
	// State says, of a drive on which the work stopped, what it holds now, in
	// words for a technician.
	State string `json:"state,omitempty"`
	// Kept is set instead of attempts for a drive whose DriveOrder said
	// Accepted.
	Kept bool `json:"kept,omitempty"`
	// Recheck is the fresh sampling of a drive that was kept.
	Recheck *Sampling `json:"recheck,omitempty"`
}

// Attempt is one method, tried once.
type Attempt struct {
	Method Method `json:"method"`
	// BeganMillis and EndedMillis are milliseconds since the agent started.
	BeganMillis int64 `json:"began_ms"`
	EndedMillis int64 `json:"ended_ms"`
	// Commands lists what was sent to the drive, in order; reads, writes and
	// what only asks excepted.
	Commands []Command `json:"commands,omitempty"`
	// Asked counts what only asks (Identify, Get Log Page), by kind.
	Asked []Asked `json:"asked,omitempty"`
	// NotRun is set when the drive is known not to have run the method: it
	// refused the command before beginning, and its content is as it was.
	// The reason stands in words.
	NotRun string `json:"not_run,omitempty"`
	// Error is any other reason for which the attempt did not complete. The
	// drive's state is then unknown.
	Error string `json:"error,omitempty"`

	Overwrite *Overwrite `json:"overwrite,omitempty"`
	Sanitize  *Sanitize  `json:"sanitize,omitempty"`
	Markers   *Markers   `json:"markers,omitempty"`
	Sampling  *Sampling  `json:"sampling,omitempty"`
	ReadBack  *ReadBack  `json:"read_back,omitempty"`
	Pace      *Pace      `json:"pace,omitempty"`
}

// Command is one command that was sent to a drive, and its end.
type Command struct {
	Name   string `json:"name"` // as the specification calls it
	Opcode uint8  `json:"opcode"`
	// NSID is the namespace that an NVMe command was sent to; 0 for none.
	NSID uint32 `json:"nsid,omitempty"`
	// Arguments are the command's own (NVMe: CDW10), for a reader with the
	// specification at hand.
	Arguments uint32 `json:"arguments"`
	// Status is the drive's: for NVMe the status field (SCT << 8 | SC, NVM
	// Express Base Specification 2.0 section 3.3.3.2.1), 0 for success; -1
	// if none was received.
	Status int    `json:"status"`
	Error  string `json:"error,omitempty"` // the kernel's, such as a timeout
	Millis int64  `json:"ms"`
}

// Asked is commands of one kind that only ask, all together.
type Asked struct {
	Name      string `json:"name"`
	Opcode    uint8  `json:"opcode"`
	NSID      uint32 `json:"nsid,omitempty"`
	Arguments uint32 `json:"arguments"` // NVMe: CDW10
	Times     int    `json:"times"`
	Failed    int    `json:"failed,omitempty"` // of them, ended otherwise than with success
	Status    int    `json:"status"`           // of the last, as in Command
	Millis    int64  `json:"ms"`               // of all of them
}

// Overwrite counts one pass of the pattern.
type Overwrite struct {
	Pattern string `json:"pattern"` // name and version of the generator
	// From is where writing began, in bytes: 0, or the offset of the journal
	// that the work was resumed from.
	From         uint64  `json:"from,omitempty"`
	BytesWritten uint64  `json:"bytes_written"`
	Flushed      bool    `json:"flushed"` // the flush after the last write succeeded
	WriteErrors  []Range `json:"write_errors,omitempty"`
	WriteMillis  int64   `json:"write_ms"`
}

// Markers counts the markers of a firmware erasure: pattern blocks that were
// written and read back before it, and looked for after it.
type Markers struct {
	Blocks     int  `json:"blocks"`      // how many were laid
	BlockBytes int  `json:"block_bytes"` // size of each
	Laid       int  `json:"laid"`        // read back equal before the command
	Flushed    bool `json:"flushed"`
	Read       int  `json:"read"`        // read after the command
	StillThere int  `json:"still_there"` // equal to the marker, whole or in any sector
	Former     int  `json:"former"`      // equal to the content before the markers
	FormerSkip int  `json:"former_skip"` // former blocks that were uniform and prove nothing
	Samples    int  `json:"samples"`     // former-content samples outside the markers, non-uniform
	SamplesHit int  `json:"samples_hit"` // of those, equal afterwards
	ReadErrors int  `json:"read_errors"` // blocks not readable after
	// Carried is set when the markers were laid before a power cut, in an
	// earlier boot of the same job. What they replaced is then not known.
	Carried bool   `json:"carried,omitempty"`
	FUA     bool   `json:"fua,omitempty"` // read from the media, past the drive's own cache
	Note    string `json:"note,omitempty"`
}

// ReadBack counts a read of the whole drive after the erasure, past all caches.
type ReadBack struct {
	BytesRead uint64 `json:"bytes_read"`
	// Mismatches counts MiB that are not what the method leaves: after an
	// overwrite all that is not the pattern, after a firmware erasure all that
	// is neither of one byte value nor noise (see Sampling.Other).
	Mismatches uint64  `json:"mismatches"`
	First      []Range `json:"first,omitempty"`
	ReadErrors []Range `json:"read_errors,omitempty"`
	// ZeroBytes counts bytes in all-zero MiB (and a tail, if the size is no
	// multiple). If it equals the drive's size, the drive was read as zeros
	// from end to end.
	ZeroBytes uint64 `json:"zero_bytes"`
	Millis    int64  `json:"ms"`
}

// Range is a part of a drive, in bytes.
type Range struct {
	Offset uint64 `json:"offset"`
	Length uint64 `json:"length"`
}

// InstallEvidence is what was seen while an image was installed.
type InstallEvidence struct {
	Drive          DriveID `json:"drive"`
	Image          string  `json:"image"`
	ManifestSHA256 string  `json:"manifest_sha256"`
	FramesTotal    int     `json:"frames_total"`
	FramesWritten  int     `json:"frames_written"`
	// FramesSkipped are zero frames that were not written, because the whole
	// drive had been read as zeros in this boot with no write since.
	FramesSkipped  int    `json:"frames_skipped"`
	BytesFetched   uint64 `json:"bytes_fetched"` // compressed
	BytesWritten   uint64 `json:"bytes_written"`
	Flushed        bool   `json:"flushed"`
	FramesVerified int    `json:"frames_verified"` // read back and equal to the manifest's hash
	Mismatches     []int  `json:"mismatches,omitempty"`
	// Personalised lists what was changed on purpose after the verification:
	// everything else is bit-exact.
	Personalised []Personalised `json:"personalised,omitempty"`
	BootEntry    string         `json:"boot_entry,omitempty"` // "Boot0007, first in BootOrder", or why none
	Error        string         `json:"error,omitempty"`
	WriteMillis  int64          `json:"write_ms"`
	VerifyMillis int64          `json:"verify_ms"`
}

// Personalised is a range of the system drive that was changed on purpose.
type Personalised struct {
	Range
	Why string `json:"why"` // "backup GPT", "grow partition 3", "NoCloud seed"
}
