package api

// JournalEntry is one step of the work on one drive, told by ReportJournal. The
// controller keeps the last one, and DriveOrder.Resume brings it back after a
// power cut.
type JournalEntry struct {
	Method Method `json:"method"`
	Stage  Stage  `json:"stage"`
	// Offset: bytes from the start of the drive that an overwrite has written
	// and flushed (StageOffset, StageCompleted).
	Offset uint64 `json:"offset,omitempty"`
	// Pattern names the generator of what is written, an overwrite or markers:
	// the next boot may choose another, and has to know this one again.
	Pattern string `json:"pattern,omitempty"`
}

// Stage is how far a method has come on a drive.
type Stage string

// The stages. Each is on the controller's disk before the agent goes on, offsets
// excepted.
const (
	// StageBegun: the next command to the drive destroys.
	StageBegun Stage = "begun"
	// StageAccepted: the drive has accepted the command and works on its own.
	StageAccepted Stage = "accepted"
	// StageOffset: an overwrite has come to Offset, flushed.
	StageOffset Stage = "offset"
	// StageCompleted: the erasure is complete by the drive's word; what
	// follows is verification. The controller answers with the sample seed.
	StageCompleted Stage = "completed"
)

// Resume is what is known of the work that an earlier boot of the same job began
// on this drive.
type Resume struct {
	JournalEntry
}
