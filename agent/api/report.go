package api

// ReportRequest carries reports in order of Seq, without gaps.
type ReportRequest struct {
	Reports []Report `json:"reports"`
}

// ReportReply acknowledges: every report up to and including Durable is on the
// controller's disk.
type ReportReply struct {
	Durable uint64 `json:"durable"`
}

// Report is one thing that happened on the bench. Reports of one session are
// numbered from 1.
type Report struct {
	Seq  uint64     `json:"seq"`
	Kind ReportKind `json:"kind"`
	// AtMillis is milliseconds since the agent started. The controller dates
	// the report by its own clock.
	AtMillis int64  `json:"at_ms"`
	Job      string `json:"job,omitempty"`

	Phase   Phase            `json:"phase,omitempty"`
	Drive   DriveID          `json:"drive,omitempty"`
	Message string           `json:"message,omitempty"`
	Bytes   uint64           `json:"bytes,omitempty"` // ReportPhaseEnded: bytes worked on
	Millis  int64            `json:"ms,omitempty"`    // ReportPhaseEnded: duration
	Erase   *DriveEvidence   `json:"erase,omitempty"`
	Install *InstallEvidence `json:"install,omitempty"`
	Drives  []Drive          `json:"drives,omitempty"`  // ReportDrivesChanged: what there is now
	Journal *JournalEntry    `json:"journal,omitempty"` // ReportJournal
}

// ReportKind says what a report tells.
type ReportKind string

// The kinds of report.
const (
	// ReportPhaseBegan and ReportPhaseEnded frame each phase; with Drive for
	// the phases of one drive.
	ReportPhaseBegan ReportKind = "phase-began"
	ReportPhaseEnded ReportKind = "phase-ended"
	// ReportJournal says how far the work on Drive has come.
	ReportJournal ReportKind = "journal"
	// ReportDrive carries the evidence of one drive.
	ReportDrive ReportKind = "drive-evidence"
	// ReportInstalled carries the evidence of an installation, whole or not.
	ReportInstalled ReportKind = "install-evidence"
	// ReportDrivesChanged says that the drives are not those of the order;
	// nothing was erased.
	ReportDrivesChanged ReportKind = "drives-changed"
	// ReportStopped says that the work was stopped, by whom ("bench", "page")
	// and at which point, in Message.
	ReportStopped ReportKind = "stopped"
	// ReportTrouble is anything a person should see; the work goes on or
	// ends as other reports say.
	ReportTrouble ReportKind = "trouble"
	// ReportLeaving is the last of a session: the machine restarts or powers
	// off.
	ReportLeaving ReportKind = "leaving"
)

// Phase is a step of a job, as timed and shown.
type Phase string

// The phases, in order.
const (
	PhaseCountdown    Phase = "countdown"
	PhaseErase        Phase = "erase"   // of one drive
	PhaseVerify       Phase = "verify"  // of one drive
	PhaseInstall      Phase = "install" // fetch and write
	PhaseCheck        Phase = "check"   // read back the installed image
	PhasePersonalise  Phase = "personalise"
	PhaseBootEntry    Phase = "boot-entry"
	PhaseFirstBoot    Phase = "first-boot" // the controller's: from restart to the call
	PhaseRegistration Phase = "boot"       // the controller's: from the first DHCP packet to registration
)

// Progress is how far the work has come; it is sent about once a second and may
// be lost.
type Progress struct {
	Job    string          `json:"job"`
	Drives []DriveProgress `json:"drives"`
	// CountdownSeconds is what remains of the countdown; 0 outside it.
	CountdownSeconds int `json:"countdown_seconds,omitempty"`
}

// DriveProgress is how far one drive has come in its phase.
type DriveProgress struct {
	Drive DriveID `json:"drive"`
	Phase Phase   `json:"phase"`
	// Done and Total are bytes; Total is 0 where the drive tells nothing (a
	// Format under way). While a drive sanitizes itself, Total is its size and
	// Done the part of it that SPROG tells.
	Done  uint64 `json:"done"`
	Total uint64 `json:"total"`
	// BytesPerSecond is the mean of the last seconds.
	BytesPerSecond float64 `json:"bps"`
	// Method is the one that is at work in PhaseErase; "" if not told.
	Method Method `json:"method,omitempty"`
	// Pause says for what the work stands still on purpose; "" if it does not.
	Pause Pause `json:"pause,omitempty"`
	// Celsius is the drive's temperature during PauseHot.
	Celsius int `json:"celsius,omitempty"`
}

// Pause is a reason for which the work on a drive stands still on purpose.
type Pause string

// The reasons for a pause.
const (
	PauseHot    Pause = "hot"         // until the drive is cooler, see Limits.PauseCelsius
	PauseSeed   Pause = "sample-seed" // until the controller has named the seed of the samples
	PauseOthers Pause = "others"      // until the controller's other namespaces are ready, too
)

// FirstBoot is what an installed machine says when it first comes up.
type FirstBoot struct {
	Hostname  string `json:"hostname"`
	MachineID string `json:"machine_id"`
	// RootDevice is the disk that the system runs from, as the kernel calls
	// it.
	RootDevice string `json:"root_device"`
}
