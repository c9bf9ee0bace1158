package bootrule

import (
	"fmt"

	"regain.example/imager"
)

// row is one case.
type row struct {
	machine string // which machines, in words
	holds   func(Machine) bool
	boots   Action
	says    string // on the machine's screen, after its number
	held    bool
}

func table() []row {
	const waits = "the agent starts and waits for approval"
	return []row{
		{"installed, its first start is awaited", Machine.installed, OwnDisk,
			"installed, it starts from its own drive", false},
		{"done, with an image", Machine.doneWithImage, OwnDisk,
			"done, it starts from its own drive", false},
		{"done, without an image", Machine.doneEmpty, Nothing,
			"done, its drives are erased. Label it and unplug it", false},
		{"quarantined, no drive withdrawn since", Machine.quarantined, Nothing,
			"in quarantine, not all of its drives are erased. Set it aside. To go on, release or approve it on the page", false},
		{"cancelled, no drive withdrawn since", Machine.cancelled, Nothing,
			"its job was stopped, its drives may be half erased. To go on, release or approve it on the page", false},
		{"at work, and 3 boots brought the job no further", Machine.stuck, Nothing,
			"3 boots in a row brought its job no further. See the page, and let it boot again there", true},
		{"3 agents were given and none registered", Machine.mute, Nothing,
			"the agent was sent 3 times and never reported. See the page, and let it boot again there", true},
		{"halted", Machine.halted, Agent,
			"stopped, the agent starts and waits until an operator releases it", false},
		{"its installation failed", Machine.installFailed, Agent,
			"not installed, the agent starts and waits for an operator", false},
		{"approved or at work", Machine.underWay, Agent,
			"approved, the agent starts", false},
		{"not met before, or in doubt which it is", Machine.stranger, Agent, waits, false},
		{"any other, and 12 hours after its job's end", Machine.other, Agent, waits, false},
	}
}

// finished is a machine that rests in what its job left: nobody let it go, and
// the job's end is not long past.
func (m Machine) finished(s imager.JobState) bool {
	return m.settled() && m.Job == s && m.Since < Rest
}

// settled is a machine that is known without doubt, and of which nobody took back
// what its job said.
func (m Machine) settled() bool { return m.Number != 0 && !m.Halted && !m.Released }

func (m Machine) installed() bool     { return m.settled() && m.Job == imager.JobInstalled }
func (m Machine) doneWithImage() bool { return m.finished(imager.JobDone) && m.Image }
func (m Machine) doneEmpty() bool     { return m.finished(imager.JobDone) && !m.Image }
func (m Machine) quarantined() bool   { return m.finished(imager.JobQuarantined) && !m.Withdrawn }
func (m Machine) cancelled() bool     { return m.finished(imager.JobCancelled) && !m.Withdrawn }
func (m Machine) stuck() bool         { return m.underWay() && m.Fruitless >= Failures }
func (m Machine) mute() bool          { return m.Unmet >= Failures }
func (m Machine) halted() bool        { return m.Number != 0 && m.Halted }
func (m Machine) installFailed() bool { return m.settled() && m.Job == imager.JobInstallFailed }
func (m Machine) stranger() bool      { return m.Number == 0 }
func (m Machine) other() bool         { return true }

// underWay is a machine whose job waits for nothing but its agent.
func (m Machine) underWay() bool { return m.settled() && m.Job.AwaitsAgent() }

// screen is what a machine's screen says.
func (r row) screen(m Machine) string {
	if m.Number == 0 {
		return r.says
	}
	return fmt.Sprintf("machine %d: %s", m.Number, r.says)
}
