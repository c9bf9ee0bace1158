// Package bootrule decides what a machine boots. It is pure. The reasons stand in
// docs/adr/0008.
//
// The first row that holds decides:
//
//	machine                                                  boots
//	installed, its first start is awaited                    own disk
//	done, with an image                                      own disk
//	done, without an image                                   nothing
//	quarantined, no drive withdrawn since                    nothing
//	cancelled, no drive withdrawn since                      nothing
//	at work, and 3 boots brought the job no further          nothing, held
//	3 agents were given and none registered                  nothing, held
//	halted                                                   agent
//	its installation failed                                  agent
//	approved or at work                                      agent
//	not met before, or in doubt which it is                  agent
//	any other, and 12 hours after its job's end              agent
//
// "Done", "quarantined" and "cancelled" hold for 12 hours after the job's end, and
// only while no operator released the machine or halted it: then the rows below
// decide.
package bootrule

import (
	"time"

	"regain.example/imager"
)

// Action is what a machine boots. The zero value is nothing.
type Action int

// The actions.
const (
	Nothing Action = iota
	Agent
	OwnDisk
)

// String returns the action as the table has it.
func (a Action) String() string {
	switch a {
	case Agent:
		return "agent"
	case OwnDisk:
		return "own disk"
	}
	return "nothing"
}

// Rest is how long after its job's end a machine keeps off the agent. Then it is
// a stranger again.
const Rest = 12 * time.Hour

// Failures is how many boots in a row may fail before an operator is asked.
const Failures = 3

// Machine is what is known of the machine that asks.
type Machine struct {
	// Number is the machine's; 0 for one that was never met, or where there
	// is any doubt which it is.
	Number int
	Halted bool
	// Released is set when an operator let go what the machine was.
	Released bool
	// Withdrawn is set when a drive was declared to be pulled out of the
	// machine since its job ended.
	Withdrawn bool
	// Job is the state of the present or last job; "" if there was none.
	Job imager.JobState
	// Image is set when the job installs one.
	Image bool
	// Since is how long ago the job ended, by the controller's clock.
	Since time.Duration
	// Fruitless counts the boots in a row that brought the job no further.
	Fruitless int
	// Unmet counts the agents in a row that were given to the machine and
	// never registered.
	Unmet int
}

// Decision is what a machine boots, and why.
type Decision struct {
	Action Action
	// Reason is for the machine's own screen: plain ASCII, without what a
	// boot loader's language would read as its own.
	Reason string
	// Held is set when boots failed, and an operator is to let it boot again.
	Held bool
}

// Decide returns the decision of the first row that holds.
func Decide(m Machine) Decision {
	for _, r := range table() {
		if r.holds(m) {
			return Decision{Action: r.boots, Reason: r.screen(m), Held: r.held}
		}
	}
	return Decision{} // the last row always holds
}
