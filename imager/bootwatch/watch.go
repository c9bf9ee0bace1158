package bootwatch

import "time"

const (
	// bootGap is the silence after which a firmware that asks for an address
	// begins another boot; shorter ones lie between its repetitions.
	bootGap = 2 * time.Minute
	// systemGap is how long after the initramfs an operating system that asks
	// for an address is taken for the agent's.
	systemGap = 10 * time.Minute
	// fetchedTwice is within what a firmware that fetches a loader anew is not
	// counted as another boot.
	fetchedTwice = 10 * time.Second
)

// Watch follows one machine, as one MAC address. The zero value is ready.
type Watch struct {
	Stage string
	Chain string
	Arch  string
	// At is the time of the last event, Began of the first of this boot.
	At, Began time.Time
	// Arrived is set once the agent has registered, until the next boot.
	Arrived bool

	tries    int
	place    place
	by       string // what asked for the address last
	file     string // the loader that was fetched last
	ended    string // the stage that ended this boot, if one did
	detail   string
	offers   int       // since the last address
	asked    time.Time // the first of them
	broken   int       // transfers in a row
	withheld int       // questions for an address in a row

	failed failures
	twins  twins
}

// Tries counts the boots in a row that did not reach the agent, this one
// included. One that was told to boot nothing is none.
func (w *Watch) Tries() int {
	if w.ended == stageRefused {
		return w.tries - 1
	}
	return w.tries
}

// See takes note of an event. It reports whether the event is one of a boot at
// all: a system that runs from its own disk asks for addresses, too.
func (w *Watch) See(e Event) bool {
	p := placeOf(e)
	if e.By == bySystem && (w.Arrived || w.place < complete || e.At.Sub(w.At) > systemGap) {
		return false
	}
	if w.twins.see(e) {
		w.failed, w.tries = failures{}, 0
		w.begin(e)
	} else if w.anew(e, p) {
		w.close()
		w.begin(e)
	}
	w.Stage, w.At = e.Stage, e.At
	w.Arch, w.Chain = either(e.Arch, w.Arch), either(e.Chain, w.Chain)
	w.note(e, p)
	return true
}

func either(a, b string) string {
	if a == "" {
		return b
	}
	return a
}

// anew reports whether e begins another boot. Only a firmware's question for an
// address, its first loader, or an iPXE in the network card's ROM can: a loader
// that repeats itself has not been switched off and on.
func (w *Watch) anew(e Event, p place) bool {
	silent := e.At.Sub(w.At)
	dhcp := p == offered || p == addressed || dhcpTrouble(e.Stage)
	switch {
	case w.Began.IsZero(), w.Arrived: // an agent fetches none of this
		return true
	case p == loaded:
		return w.place >= loaded && (silent > fetchedTwice || w.file != e.File)
	case dhcp && e.By != byIPXE:
		return w.place > addressed || silent > bootGap || w.ended == stageLocalDisk || w.ended == stageRefused
	case dhcp, p == started && e.By == byIPXE:
		return w.place > started || silent > bootGap
	}
	return false
}

func dhcpTrouble(stage string) bool {
	return stage == stageUnserved || stage == stageElsewhere || stage == stageWithheld
}

// close counts how the boot before ended.
func (w *Watch) close() {
	if w.Began.IsZero() || w.Arrived || w.ended == stageLocalDisk {
		w.failed, w.tries = failures{}, 0
		return
	}
	if w.ended == stageRefused {
		w.tries-- // see Tries
		return
	}
	w.failed.add(failure{w.stopped(), w.place})
}

func (w *Watch) begin(e Event) {
	w.Began, w.Arrived, w.Chain = e.At, false, ""
	w.tries++
	w.place, w.by, w.file, w.ended, w.detail = nowhere, "", "", "", ""
	w.offers, w.broken, w.withheld = 0, 0, 0
}

func (w *Watch) note(e Event, p place) {
	switch e.Stage {
	case stageOffer:
		if w.offers++; w.offers == 1 {
			w.asked = e.At
		}
	case stageAddress:
		w.offers = 0
	case stageBroken:
		w.broken++
		w.detail = e.Detail
	case stageLocalDisk, stageRefused, stageUnserved, stageElsewhere, stageWithheld:
		w.ended, w.detail = e.Stage, e.Detail
	}
	if e.Stage == stageWithheld {
		w.withheld++
	}
	if p == nowhere {
		return
	}
	// What went before shows that the ending was none; an address alone does
	// not, where the architecture is not served.
	if w.ended != stageUnserved || p > addressed {
		w.ended = ""
	}
	w.withheld = 0
	if p > w.place {
		w.broken = 0
	}
	w.by = e.By
	// A loader begins its script again where it could not fetch what followed.
	// GRUB and iPXE ask for addresses that the firmware had before.
	if p > w.place || p >= scripted {
		w.place = p
	}
	if e.Stage == stageLoader {
		w.file = e.File
	}
}

// Reached takes note that the machine's agent has registered.
func (w *Watch) Reached() {
	w.Arrived, w.ended, w.broken, w.offers = true, "", 0, 0
	w.failed, w.tries = failures{}, 0
}
