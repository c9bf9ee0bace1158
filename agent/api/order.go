package api

// Order is what the controller wants of the agent now. The agent asks for it by
// long poll with the revision that it has; a reply with the same revision means
// that nothing changed. An agent that is at work goes on when the connection
// breaks; it stops only by an Order of kind OrderStop, or CodeStopped.
type Order struct {
	// Revision grows with every change of the machine's order in a session.
	Revision uint64       `json:"revision"`
	Kind     OrderKind    `json:"kind"`
	Machine  MachineLabel `json:"machine"`
	// Message is shown on the bench's screen: what is awaited, or what to do.
	Message string `json:"message,omitempty"`
	// Proof is ControllerProof in a session that began with an Enrolment, once
	// the code was typed; empty before, and in every other session. An agent
	// that showed a code carries out no order without it but to wait and to stop.
	Proof []byte `json:"proof,omitempty"`

	Erase   *EraseOrder   `json:"erase,omitempty"`   // OrderErase only
	Install *InstallOrder `json:"install,omitempty"` // OrderInstall only
	End     *End          `json:"end,omitempty"`     // OrderEnd only
}

// OrderKind says what to do.
type OrderKind string

// The kinds of order.
const (
	OrderWait    OrderKind = "wait"    // show Message, ask again
	OrderErase   OrderKind = "erase"   // count down, then erase and verify all drives at once
	OrderInstall OrderKind = "install" // install and verify the image
	OrderStop    OrderKind = "stop"    // stop all work safely, report in what state the drives are, then ask again
	OrderEnd     OrderKind = "end"     // show the verdict, then restart, power off or stay
)

// EraseOrder names every drive of the machine, once. The agent takes stock again
// before it begins: if the set of drives (by ID) differs in anything, it erases
// nothing and sends ReportDrivesChanged.
type EraseOrder struct {
	Job string `json:"job"`
	// CountdownSeconds run on the bench's screen before the first destructive
	// command, and can be stopped there (a key) and from the page.
	CountdownSeconds int          `json:"countdown_seconds"`
	Drives           []DriveOrder `json:"drives"`
}

// Method is how a drive is erased.
type Method string

// The methods of this version of the wire.
const (
	// MethodSanitizeBlock, MethodSanitizeCrypto and MethodSanitizeOverwrite
	// are NVMe Sanitize with that action. They reach the whole drive, all of
	// its namespaces and what is not allocated to any.
	MethodSanitizeBlock     Method = "nvme-sanitize-block"
	MethodSanitizeCrypto    Method = "nvme-sanitize-crypto"
	MethodSanitizeOverwrite Method = "nvme-sanitize-overwrite"
	// MethodFormatCrypto is NVMe Format NVM with SES 2.
	MethodFormatCrypto Method = "nvme-format-crypto"
	// MethodFormat is NVMe Format NVM with SES 1.
	MethodFormat Method = "nvme-format"
	// MethodOverwrite is one pass of the pattern of package agent/proof over
	// every addressable sector.
	MethodOverwrite Method = "overwrite"
)

// Verify says how much is read back.
type Verify string

// The extents of read-back. An overwrite is always read back in full.
const (
	// VerifyNISTR2: the drive's status, markers, and R2Samples samples.
	VerifyNISTR2 Verify = "nist-r2"
	// VerifyNISTR1: those, and a tenth of the drive: two samples in each of
	// 1,000 equal sub-ranges, as NIST SP 800-88 Rev. 1 asked for.
	VerifyNISTR1 Verify = "nist-r1"
	// VerifyFull: the status, markers, samples, and every sector.
	VerifyFull Verify = "full"
)

// The amount of samples. Blocks are of SampleBytes, or smaller on a drive of
// which they would be a large part.
const (
	SampleBytes = 1 << 20
	// R2Samples are read for VerifyNISTR2 and VerifyFull, one drawn in each
	// of as many equal parts of the drive.
	R2Samples = 256
	// R1Ranges is the number of equal sub-ranges for VerifyNISTR1; two
	// samples that do not overlap are drawn in each, and all of them together
	// are at least a tenth of the drive.
	R1Ranges = 1000
)

// DriveOrder is the work on one drive.
type DriveOrder struct {
	Drive DriveID `json:"drive"`
	// Methods are tried in order. The next one is tried only when the drive
	// is known not to have run the one before.
	Methods []Method `json:"methods"`
	// Seed is the controller's, 32 bytes, drawn for this drive and job: the
	// key of pattern and markers, and of the sample positions.
	Seed   []byte `json:"seed"`
	Verify Verify `json:"verify"`
	// Follow is run after a cryptographic erasure that completed, as a second
	// attempt whose evidence counts as well; "" for none.
	Follow Method `json:"follow,omitempty"`
	// SampleSeed is 32 bytes, and empty until the drive's StageCompleted is
	// on the controller's disk: nobody at the bench knows the places of the
	// samples before. An order is sent again when it gains one.
	SampleSeed []byte `json:"sample_seed,omitempty"`
	// Resume is what an earlier boot of this job began on the drive; nil if
	// nothing.
	Resume *Resume `json:"resume,omitempty"`
	Limits Limits  `json:"limits"`
	// Accepted is set when evidence for this drive was accepted earlier in
	// this job: it is not erased again. With a SampleSeed it is sampled.
	Accepted bool `json:"accepted,omitempty"`
	// Erased is, for an accepted drive, the method that its content comes
	// from.
	Erased Method `json:"erased,omitempty"`
	// Leave says why the profile leaves this drive alone ("removable"). It
	// is named so that the set of drives is whole; Methods is empty, and the
	// drive is neither erased nor opened nor reported.
	Leave string `json:"leave,omitempty"`
}

// Limits bound the work on one drive; zero values stand for no limit.
type Limits struct {
	// NoProgressSeconds: a sanitize operation whose progress does not change
	// for so long is given up; the outcome is unknown.
	NoProgressSeconds int `json:"no_progress_seconds,omitempty"`
	// PauseCelsius: at this temperature writing and reading pause until the
	// drive is 5 degrees cooler.
	PauseCelsius int `json:"pause_celsius,omitempty"`
	// FloorBytesPerSecond: a drive that is slower over a whole window of
	// measurement is given up.
	FloorBytesPerSecond uint64 `json:"floor_bps,omitempty"`
}

// InstallOrder is the work of installing one master image.
type InstallOrder struct {
	Job   string  `json:"job"`
	Drive DriveID `json:"drive"` // the system drive
	Image string  `json:"image"` // name of the image, as in its manifest
	// BaseURL is where NAME.json, NAME.json.minisig and NAME.img.zst lie
	// (HTTP with ranges); the path ends in "/".
	BaseURL string `json:"base_url"`
	// ManifestSHA256 is the manifest that was approved, in hex.
	ManifestSHA256 string `json:"manifest_sha256"`
	// PublicKey is the minisign public key that must have signed it, in
	// minisign's base64 form.
	PublicKey string `json:"public_key"`
	// Seed holds the files of the NoCloud seed (meta-data, user-data, ...);
	// nil if the manifest's identity is "none".
	Seed map[string][]byte `json:"seed,omitempty"`
}

// End ends the session's work.
type End struct {
	Green   bool      `json:"green"`   // the colour of the screen
	Verdict string    `json:"verdict"` // a few words, in large letters
	Advice  string    `json:"advice"`  // what the technician does next
	Action  EndAction `json:"action"`
	// DelaySeconds pass, with the verdict on the screen, before Action.
	DelaySeconds int `json:"delay_seconds"`
}

// EndAction is what the machine does after its verdict was shown.
type EndAction string

// The actions at the end.
const (
	EndRestart  EndAction = "restart"
	EndPowerOff EndAction = "power-off"
	// EndStay keeps the verdict on the screen, and asks for orders again: an
	// operator may order another try.
	EndStay EndAction = "stay"
)
