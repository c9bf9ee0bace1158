package imager

import (
	"fmt"
	"time"

	"regain.example/agent/api"
	"regain.example/images/manifest"
)

// JobState is where a job stands.
type JobState string

// The states of a job. See transitions for what leads from one to the next.
const (
	// JobApproved: an operator approved machine and drives; nothing was begun.
	JobApproved JobState = "approved"
	// JobErasing: the order to erase was given (its countdown included).
	JobErasing JobState = "erasing"
	// JobAccepted: every drive has accepted evidence.
	JobAccepted JobState = "accepted"
	// JobInstalling: the order to install was given.
	JobInstalling JobState = "installing"
	// JobInstallFailed: the installation did not end well; the drives are
	// erased. An operator can try again.
	JobInstallFailed JobState = "install-failed"
	// JobInstalled: the image is on the drive and was verified there; its
	// first boot, or the operator's word, is awaited.
	JobInstalled JobState = "installed"
	// JobDone: green.
	JobDone JobState = "done"

	// JobVoid: the approval ended before anything was erased (other drives,
	// expiry, an operator's stop in the countdown).
	JobVoid JobState = "void"
	// JobCancelled: an operator stopped it after erasing had begun.
	JobCancelled JobState = "cancelled"
	// JobQuarantined: at least one drive has no accepted evidence. The
	// machine may not leave.
	JobQuarantined JobState = "quarantined"
)

// transitions is the one table of what may follow what. A state without a row is
// an end: the machine then needs a new approval.
//
//	from            to              because
//	approved        erasing         the agent was given the order
//	approved        void            drives changed, 12 hours passed, stopped
//	erasing         void            stopped or drives changed before the first destructive command
//	erasing         accepted        evidence accepted for every drive
//	erasing         quarantined     evidence refused or unknown for a drive
//	erasing         cancelled       stopped by a person
//	accepted        installing      the profile has an image and it can be installed here
//	accepted        install-failed  the image cannot be installed here
//	accepted        done            the profile has no image
//	accepted        cancelled       stopped by a person
//	accepted        quarantined     the drives are no longer those with evidence
//	installing      installed       written, verified, personalised
//	installing      install-failed  anything else
//	installing      cancelled       stopped by a person
//	installing      quarantined     the drives are no longer those with evidence
//	install-failed  installing      an operator tries again
//	install-failed  cancelled       an operator gives up
//	install-failed  quarantined     the drives are no longer those with evidence
//	installed       done            the first boot called, or an operator's word
//	installed       installing      an operator installs again
//	installed       cancelled       an operator gives up
var transitions = map[JobState][]JobState{
	JobApproved:      {JobErasing, JobVoid},
	JobErasing:       {JobVoid, JobAccepted, JobQuarantined, JobCancelled},
	JobAccepted:      {JobInstalling, JobInstallFailed, JobDone, JobCancelled, JobQuarantined},
	JobInstalling:    {JobInstalled, JobInstallFailed, JobCancelled, JobQuarantined},
	JobInstallFailed: {JobInstalling, JobCancelled, JobQuarantined},
	JobInstalled:     {JobDone, JobInstalling, JobCancelled},
}

// CanBecome reports whether the table leads from s to next.
func (s JobState) CanBecome(next JobState) bool {
	for _, t := range transitions[s] {
		if t == next {
			return true
		}
	}
	return false
}

// Ended reports whether a job in this state needs nothing more from anybody: the
// machine needs a new approval for anything further.
func (s JobState) Ended() bool { return len(transitions[s]) == 0 }

// AwaitsAgent reports whether a job in this state waits for nothing but the
// machine's agent.
func (s JobState) AwaitsAgent() bool {
	return s == JobApproved || s == JobErasing || s == JobAccepted || s == JobInstalling
}

// Job is one run of a profile on one machine.
type Job struct {
	ID      string   `json:"id"` // ULID
	Machine int      `json:"machine"`
	Profile Profile  `json:"profile"` // as it was at approval
	State   JobState `json:"state"`
	Reason  string   `json:"reason,omitempty"` // why State, in words for a technician
	// Cause is, of a cancelled job, Reason without what the drives hold now.
	Cause string `json:"cause,omitempty"`

	ApprovedBy string      `json:"approved_by"`
	Approved   time.Time   `json:"approved"`
	Expires    time.Time   `json:"expires"` // if not begun
	Began      time.Time   `json:"began"`
	Ended      time.Time   `json:"ended"`
	Drives     []*JobDrive `json:"drives"` // as approved, in the inventory's order

	// Left are the devices that are not erased: what the agent excluded, and
	// what the profile leaves alone.
	Left []LeftDrive `json:"left,omitempty"`

	System    api.DriveID          `json:"system_drive,omitempty"` // that gets the image
	Image     *ImageRef            `json:"image,omitempty"`        // as approved; nil for none
	Hostname  string               `json:"hostname,omitempty"`
	Install   *api.InstallEvidence `json:"install,omitempty"`
	FirstBoot *FirstBootCall       `json:"first_boot,omitempty"`
	// CallHomeHash is the SHA-256 of the one-time token of the first boot.
	CallHomeHash []byte  `json:"call_home_hash,omitempty"`
	Phases       []Phase `json:"phases"`
	// Log is filled when a job is shown; it is kept as the machine's entries.
	Log []Entry `json:"log"`

	// Session is the session that works on the job or did last.
	Session string `json:"session,omitempty"`
	// Destructive is set when a drive may have been touched.
	Destructive bool `json:"destructive,omitempty"`
	// Stopping says who stopped the job and why, while the agent has not yet
	// said that its work has stopped.
	Stopping string `json:"stopping,omitempty"`
	// Installing is the session that was given the present order to install.
	Installing string `json:"installing,omitempty"`
	// Installs counts the orders to install.
	Installs int `json:"installs,omitempty"`
	// Fruitless counts the boots of the machine in a row, before the present
	// session's, that brought the job no further than it was.
	Fruitless int `json:"fruitless,omitempty"`
	// Fruitful is the session that brought the job further last, or in which
	// an operator let the machine boot again.
	Fruitful string `json:"fruitful,omitempty"`
	// Version counts the changes of the record; see control.Store.
	Version uint64 `json:"version"`
}

// LeftDrive is a device that a job leaves alone, and why.
type LeftDrive struct {
	Drive api.Drive `json:"drive"`
	Why   string    `json:"why"`
}

// ImageRef pins the master image that was approved.
type ImageRef struct {
	Name           string            `json:"name"`
	ManifestSHA256 string            `json:"manifest_sha256"` // hex
	PublicKey      string            `json:"public_key"`      // minisign's base64 form
	RawBytes       uint64            `json:"raw_bytes"`
	Frames         int               `json:"frames"`
	Identity       manifest.Identity `json:"identity"`
	Confirm        manifest.Confirm  `json:"confirm"`
}

// JobDrive is one approved drive within a job.
type JobDrive struct {
	ID       api.DriveID        `json:"id"`
	Drive    api.Drive          `json:"drive"` // as approved
	Methods  []api.Method       `json:"methods"`
	Verify   api.Verify         `json:"verify"`
	Seed     []byte             `json:"seed"`
	Evidence *api.DriveEvidence `json:"evidence,omitempty"`
	Outcome  Outcome            `json:"outcome"`
	Reason   string             `json:"reason,omitempty"`
	// Level is what the erasure reached, by NIST SP 800-88 Rev. 2, and IEEE
	// how IEEE Std 2883 reads it where that differs; both are empty unless
	// the outcome is erased.
	Level Level  `json:"level,omitempty"`
	IEEE  string `json:"ieee,omitempty"`
	// Proof says in words what the outcome rests on, Advice what a technician
	// does about an outcome other than erased.
	Proof  string `json:"proof,omitempty"`
	Advice string `json:"advice,omitempty"`
	// Destroy is set when the drive is beyond the limits of the profile.
	Destroy bool `json:"destroy,omitempty"`
	// Follow is the method that must follow a cryptographic erasure.
	Follow api.Method `json:"follow,omitempty"`
	Limits api.Limits `json:"limits"`
	// SampleSeed is drawn when the drive's completion is reported, anew for
	// each fresh sampling.
	SampleSeed []byte `json:"sample_seed,omitempty"`
	// Journal is the last step of the work that was reported, and when; nil
	// before any.
	Journal *DriveJournal `json:"journal,omitempty"`
	// Resumed is what this boot's order said of an earlier boot's work on the
	// drive (plan.Resume); nil for a start from nothing.
	Resumed *api.Resume `json:"resumed,omitempty"`
	// EvidenceFile is the SHA-256, in hex, of the evidence as it was received,
	// kept as a file of its own. Evidence holds all of it but the raw
	// identify data.
	EvidenceFile string `json:"evidence_file,omitempty"`
	// Rechecked is the session in which the accepted evidence was last borne
	// out by a fresh sampling, or given.
	Rechecked string `json:"rechecked,omitempty"`
	// Recheck is the last fresh sampling that was ordered of the drive after
	// its evidence was accepted; nil for none.
	Recheck *Recheck `json:"recheck,omitempty"`

	// Reached is how far the job ever came on the drive, in any boot: each
	// milestone with the highest value that was told of it.
	Reached map[string]uint64 `json:"reached,omitempty"`

	Offset uint64    `json:"offset"` // last offset on disk, bytes
	Phase  api.Phase `json:"phase,omitempty"`
}

// Recheck is one fresh sampling of a drive whose evidence was accepted in an
// earlier boot.
type Recheck struct {
	Session string `json:"session"` // that it was ordered of
	Seed    []byte `json:"seed"`    // of the places, 32 bytes
	// Evidence is what came of it; nil while it is awaited.
	Evidence     *api.DriveEvidence `json:"evidence,omitempty"`
	EvidenceFile string             `json:"evidence_file,omitempty"` // as JobDrive's
}

// DriveJournal is a step of the work on a drive with the controller's time.
type DriveJournal struct {
	At time.Time `json:"at"`
	api.JournalEntry
}

// Level is a sanitization level of NIST SP 800-88. The zero value is none.
type Level string

// The levels that software reaches.
const (
	LevelClear Level = "Clear"
	LevelPurge Level = "Purge"
)

// Outcome is what the verdict says of a drive. The zero value is unknown, and
// unknown is never erased.
type Outcome string

// The outcomes.
const (
	OutcomeUnknown   Outcome = ""
	OutcomeErased    Outcome = "erased"
	OutcomeNotErased Outcome = "not erased"
)

// String names the outcome; the zero value is "unknown".
func (o Outcome) String() string {
	if o == OutcomeUnknown {
		return "unknown"
	}
	return string(o)
}

// FirstBootCall is the call of the installed system, or the operator's word.
type FirstBootCall struct {
	At   time.Time     `json:"at"`
	Call api.FirstBoot `json:"call"`
	By   string        `json:"by,omitempty"` // the account that confirmed by hand
}

// Phase is one timed phase of a job, as reported and dated by the controller.
type Phase struct {
	Phase  api.Phase   `json:"phase"`
	Drive  api.DriveID `json:"drive,omitempty"`
	Began  time.Time   `json:"began"`
	Ended  time.Time   `json:"ended"`
	Millis int64       `json:"ms"` // by the agent's monotonic clock where it was the agent's
	Bytes  uint64      `json:"bytes"`
}

// Entry is one line of what happened to a machine. Every change of state writes
// one, in the same transaction.
type Entry struct {
	At      time.Time `json:"at"` // the controller's clock, UTC
	Actor   string    `json:"actor"`
	Machine int       `json:"machine"`
	Job     string    `json:"job,omitempty"`
	Text    string    `json:"text"`
}

// TransitionError is returned where a state may not follow another.
type TransitionError struct{ From, To JobState }

// Error says which.
func (e *TransitionError) Error() string {
	return fmt.Sprintf("a job that is %s cannot become %s", e.From, e.To)
}

// Become changes the job's state, if the table allows it, and says why.
func (j *Job) Become(next JobState, reason string, now time.Time) error {
	if !j.State.CanBecome(next) {
		return &TransitionError{j.State, next}
	}
	j.State, j.Reason = next, reason
	if next == JobErasing && j.Began.IsZero() {
		j.Began = now
	}
	if next.Ended() {
		j.Ended = now
	}
	return nil
}
