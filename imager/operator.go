package imager

import (
	"context"

	"regain.example/agent/api"
)

// View is a machine as people see it: what is durable, and what is known now.
type View struct {
	Machine Machine `json:"machine"`
	Job     *Job    `json:"job,omitempty"` // the present or last one
	Online  bool    `json:"online"`        // its session spoke within the last half minute
	// Boot is the last boot stage that was seen, with its time as RFC 3339.
	Boot     string        `json:"boot,omitempty"`
	Progress *api.Progress `json:"progress,omitempty"`
	// Trouble is why the machine does not reach the agent, if it should be on its
	// way there; nil otherwise.
	Trouble *BootTrouble `json:"trouble,omitempty"`
	// Waiting is what the machine waits for, in words; "" if for nothing.
	Waiting string `json:"waiting,omitempty"`
	// Blocked says why the machine cannot be approved as it is, and what to do
	// (a drive that hides, a protected machine); empty if nothing stands
	// against it.
	Blocked []string `json:"blocked,omitempty"`
	// Enrolment says whether the machine was started from a stick, and whether the
	// code on its screen is still to be typed.
	Enrolment EnrolState `json:"enrolment,omitempty"`
	Log       []Entry    `json:"log"` // the machine's entries, newest first, at most 200
}

// Approval names what an operator approves: this machine with these drives.
type Approval struct {
	Machine int           `json:"machine"`
	Profile string        `json:"profile"`
	Drives  []api.DriveID `json:"drives"` // all that are not excluded
	// System is the drive that gets the image; "" lets the controller choose
	// the smallest solid-state drive that is large enough, else the smallest
	// such drive.
	System api.DriveID `json:"system,omitempty"`
	// Code is what the screen of a machine shows that was started from a stick
	// (View.Enrolment is EnrolCode); "" for every other.
	Code string `json:"code,omitempty"`
}

// Operator is what an operator can do, by page and by command line alike. Actor
// is the account's name, or "local:USER" through the admin socket.
//
// Errors wrap ErrNotFound, ErrConflict, ErrInvalid or ErrStorage.
type Operator interface {
	Machines(ctx context.Context) ([]View, error)
	Machine(ctx context.Context, number int) (View, error)
	Profiles(ctx context.Context) ([]Profile, error)
	// Approve begins a job. It is refused if the drives are not exactly those
	// present, if two drives share one identity, or if a job is under way.
	Approve(ctx context.Context, actor string, a Approval) (Job, error)
	// EnterCode takes the code on the screen of a machine that was started from a
	// stick. Approve does the same with Approval.Code; a machine that starts again
	// amid its job needs the new code before the work goes on.
	EnterCode(ctx context.Context, actor string, machine int, code string) error
	// Stop ends the machine's job: void before the first destructive command,
	// else cancelled.
	Stop(ctx context.Context, actor string, machine int, reason string) error
	// Retry installs again after a failed installation.
	Retry(ctx context.Context, actor string, machine int) error
	// Release lifts a halt, or lets go what a machine was whose job is at an
	// end; it boots the agent and waits for approval again.
	Release(ctx context.Context, actor string, machine int) error
	// Confirm says that an installed machine whose image asks for the
	// operator's word runs.
	Confirm(ctx context.Context, actor string, machine int) error
	// Withdraw declares that a drive was pulled out of a machine, sealed and
	// set aside. Drive, Model and Reason may be empty if Serial names a drive
	// of the machine's last job.
	Withdraw(ctx context.Context, actor string, w Withdrawn) (Withdrawn, error)
	// Destroyed records the end of a withdrawn drive.
	Destroyed(ctx context.Context, actor, id string, d Destruction) error
	// Withdrawn lists all withdrawn drives, those not yet destroyed first,
	// newest first.
	Withdrawn(ctx context.Context) ([]Withdrawn, error)
	// Evidence returns the evidence of a job's drive as it was received: the
	// bytes whose SHA-256 is JobDrive.EvidenceFile.
	Evidence(ctx context.Context, sha256 string) ([]byte, error)
	// Boots returns what is seen of machines on their way to the agent.
	Boots(ctx context.Context) (Boots, error)
	// BootAgain lets a machine that failed three boots in a row have the agent
	// again. MAC is that of its network interface.
	BootAgain(ctx context.Context, actor, mac string) error
	// Watch sends the number of each machine that changed, until ctx ends. A
	// slow reader misses numbers, never the last change: 0 means "look at all".
	Watch(ctx context.Context) <-chan int
}
