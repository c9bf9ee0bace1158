package web

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"regain.example/agent/api"
	"regain.example/imager"
	"regain.example/imager/explain"
	"regain.example/images/manifest"
)

// tone is the colour of a state. Its name is always shown as a word too.
type tone string

const (
	toneIdle tone = "idle" // nothing to do here
	toneWait tone = "wait" // a person is awaited
	toneWork tone = "work" // the machine works
	toneGood tone = "good" // green
	toneBad  tone = "bad"  // red: somebody must look
)

// card is a machine as the pages show it.
type card struct {
	Number    int
	Name      string
	Serial    string
	State     string // a word or two
	Tone      tone
	Text      string // what is going on or awaited, and what to do
	Online    bool
	Boot      string // last boot stage, while no agent speaks
	Way       *way   // to the agent, while it is on it
	Profile   string
	Countdown int // seconds
	// Blocked says why it cannot be approved, and what to do.
	Blocked  []string
	Drives   []drive
	Excluded []drive
	Present  []drive // those that an approval must name, as they are now
	Can      actions
}

// ID is the id of the card's element.
func (c card) ID() string { return fmt.Sprintf("m-%d", c.Number) }

// actions are what an operator can do to a machine now.
type actions struct {
	Approve  bool
	Invite   bool // approving is what the machine waits for
	Stop     bool // a job is under way
	Instant  bool // and stopping it does no harm: nothing was erased yet
	Retry    bool
	Release  bool
	LetGo    bool // the agent boots again before 12 hours have passed
	Confirm  bool
	Withdraw bool // a drive may have to be pulled out
	PullOut  bool // a drive must be: it is to be destroyed
	// NeedsCode is set if an approval needs the code on the machine's screen, Code
	// if a job that is under way does.
	NeedsCode, Code bool
}

func presentAll(views []imager.View, boots []imager.Boot) []card {
	cards := make([]card, 0, len(views))
	for _, v := range views {
		cards = append(cards, present(v, boots))
	}
	sort.Slice(cards, func(i, j int) bool { return cards[i].Number < cards[j].Number })
	return cards
}

// present is pure: what a page says about a machine depends on the view and on the
// boots alone.
func present(v imager.View, boots []imager.Boot) card {
	m := v.Machine
	c := card{
		Number: m.Number, Name: m.Name(), Serial: m.Inventory.System.Serial,
		Online: v.Online, Boot: bootStage(v.Boot),
	}
	if c.Name == "" {
		c.Name = "Unnamed machine"
	}
	if v.Job != nil {
		c.Profile = v.Job.Profile.Title
	}
	if v.Progress != nil && v.Job != nil && v.Job.State == imager.JobErasing {
		c.Countdown = v.Progress.CountdownSeconds
	}
	for _, why := range blocked(v) {
		c.Blocked = append(c.Blocked, sentence(why))
	}
	c.Way = wayOf(v, boots)
	c.State, c.Tone = state(v, c.Countdown, c.Way)
	c.Text = text(v)
	c.Can = can(v, c.Countdown)
	c.Drives, c.Present, c.Excluded = drives(v)
	return c
}

func state(v imager.View, countdown int, w *way) (string, tone) {
	switch {
	case v.Machine.Halted != "":
		return "Halted", toneBad
	case w != nil && (w.Held || w.Tone != toneIdle && v.Job == nil || w.Tone == toneBad && !v.Job.State.Ended()):
		return w.State, w.Tone
	case v.Job == nil && !v.Online:
		return "Away", toneIdle
	case len(blocked(v)) > 0 && (v.Job == nil || v.Job.State == imager.JobVoid):
		return "Blocked", toneBad
	case v.Job == nil:
		return "Waiting", toneWait
	}
	switch v.Job.State {
	case imager.JobApproved:
		return "Approved", toneWork
	case imager.JobErasing:
		if countdown > 0 {
			return "Countdown", toneWait
		}
		return phaseName(v.Progress, "Erasing"), toneWork
	case imager.JobAccepted:
		return "Erased", toneWork
	case imager.JobInstalling:
		return phaseName(v.Progress, "Installing"), toneWork
	case imager.JobInstallFailed:
		return "Installation failed", toneBad
	case imager.JobInstalled:
		return "Installed", toneWait
	case imager.JobDone:
		return "Done", toneGood
	case imager.JobVoid:
		return "Approval ended", toneWait
	case imager.JobCancelled:
		return "Stopped", toneBad
	case imager.JobQuarantined:
		return "Quarantine", toneBad
	}
	return string(v.Job.State), toneBad
}

// phaseName names the first phase that a drive is in; all drives of a machine
// are mostly in the same.
func phaseName(p *api.Progress, otherwise string) string {
	if p == nil || len(p.Drives) == 0 {
		return otherwise
	}
	first := p.Drives[0].Phase
	for _, d := range p.Drives {
		if d.Phase == api.PhaseErase {
			first = d.Phase
		}
	}
	if name := explain.Phase(first); name != "" {
		return name
	}
	return otherwise
}

// text joins what a person should know, most pressing first.
func text(v imager.View) string {
	var parts []string
	add := func(s string) {
		if s = plain(s); s != "" && (len(parts) == 0 || parts[len(parts)-1] != s) {
			parts = append(parts, s)
		}
	}
	if v.Machine.Halted != "" {
		add(v.Machine.Halted)
		return parts[0]
	}
	reason := ""
	if v.Job != nil {
		reason = v.Job.Reason
		add(reason)
	}
	if v.Waiting != "" && len(blocked(v)) == 0 && (reason == "" || !strings.Contains(v.Waiting, reason)) {
		add("waits for " + v.Waiting)
	}
	return strings.Join(parts, " ")
}

func can(v imager.View, countdown int) actions {
	var a actions
	a.Release = v.Machine.Halted != ""
	a.NeedsCode = v.Enrolment == imager.EnrolCode
	if v.Job == nil || v.Job.State.Ended() {
		a.LetGo = !a.Release && !v.Machine.Released && v.Job != nil && v.Job.State != imager.JobVoid
		a.Withdraw = len(blocked(v)) > 0 ||
			v.Job != nil && (v.Job.State == imager.JobQuarantined || v.Job.State == imager.JobCancelled)
		a.Approve = v.Machine.Halted == "" && v.Enrolment != imager.EnrolClosed && len(v.Machine.Inventory.Drives) > 0 && len(blocked(v)) == 0
		a.PullOut = a.Withdraw && v.Job != nil && slices.ContainsFunc(v.Job.Drives, func(d *imager.JobDrive) bool { return d.Destroy && inMachine(v, d.ID) })
		a.Invite = a.Approve && v.Online && !a.PullOut && (v.Job == nil || v.Job.State != imager.JobDone)
		return a
	}
	a.Stop, a.Code = true, a.NeedsCode
	a.Instant = v.Job.State == imager.JobApproved || countdown > 0
	a.Retry = v.Job.State == imager.JobInstallFailed || v.Job.State == imager.JobInstalled
	a.Confirm = v.Job.State == imager.JobInstalled && v.Job.Image != nil && v.Job.Image.Confirm == manifest.ConfirmOperator
	return a
}

// blocked says what stands against an approval; nothing while a job is under way.
func blocked(v imager.View) []string {
	if v.Job != nil && !v.Job.State.Ended() {
		return nil
	}
	return v.Blocked
}

func inMachine(v imager.View, id api.DriveID) bool {
	return slices.ContainsFunc(v.Machine.Inventory.Drives, func(d api.Drive) bool { return d.ID() == id })
}

// summary counts machines by tone.
type summary struct{ All, Wait, Work, Good, Bad int }

func summarise(cards []card) summary {
	s := summary{All: len(cards)}
	for _, c := range cards {
		switch c.Tone {
		case toneWait:
			s.Wait++
		case toneWork:
			s.Work++
		case toneGood:
			s.Good++
		case toneBad:
			s.Bad++
		}
	}
	return s
}
