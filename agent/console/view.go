// Package console is the bench's own screen, readable from three metres, and the
// plain lines of its serial console.
//
// It draws on the kernel's framebuffer; where a BIOS left the screen in text
// mode, it writes large letters of blocks instead.
package console

import "regain.example/agent/api"

// Mood colours the screen.
type Mood int

// The moods. Green and Red are the verdict's and fill the screen.
const (
	Calm    Mood = iota // waiting, working
	Caution             // the countdown, and trouble that a person may have to end
	Green
	Red
)

// View is all that the screen shows at one moment.
type View struct {
	Mood Mood
	// Machine is the number by which people call this machine; 0 before the
	// controller has told it.
	Machine int
	Name    string // maker and model
	// Title is a few words, in the largest letters beside the number.
	Title string
	// Message says what is awaited, or what to do. Its lines stay apart: one
	// for each drive that is to be pulled.
	Message string
	// Countdown is the seconds left before the first destructive command; 0
	// outside the countdown.
	Countdown int
	Drives    []Bar
	// Warning is what a person may have to mend while the work goes on: the
	// connection is lost, the controller's disk is full.
	Warning string
	// Footer is one small line that nobody has to read.
	Footer string
}

// Bar is one drive.
type Bar struct {
	Label string // "nvme0n1  SAMSUNG MZVLB256  256 GB"
	State string // "erasing", "checking", "done"
	// Fraction is between 0 and 1; negative where the drive tells nothing.
	Fraction float64
	Rate     float64 // bytes a second; 0 if not known
	Done     bool
	Bad      bool
}

// PhaseName is how the screen calls a phase.
func PhaseName(p api.Phase) string {
	switch p {
	case api.PhaseCountdown:
		return "countdown"
	case api.PhaseErase:
		return "erasing"
	case api.PhaseVerify:
		return "reading back"
	case api.PhaseInstall:
		return "installing"
	case api.PhaseCheck:
		return "checking"
	case api.PhasePersonalise:
		return "personalising"
	case api.PhaseBootEntry:
		return "setting boot entry"
	}
	return string(p)
}
