package bootwatch

import (
	"strings"
	"time"

	"regain.example/imager"
)

const (
	// offersIgnored is how many offers in one boot may go unanswered.
	offersIgnored = 2
	// brokenOften is how many transfers in a row break off before it is said
	// without waiting.
	brokenOften = 3
	// withheldOften is how many questions for an address in a row go without
	// an offer before it is said, where the reason may pass by itself.
	withheldOften = 3
)

// Trouble says what keeps the machine from its agent; nil if nothing is known to.
// rival says that another DHCP server answers on the bench network.
func (w *Watch) Trouble(now time.Time, rival bool) *imager.BootTrouble {
	kind, detail := w.judge(now)
	if rival && (kind == NoAddress || w.ended == stageWithheld) {
		kind, detail = Rival, w.detail
	}
	if kind == "" {
		return nil
	}
	t := kind.trouble(detail, w.Arch)
	return &t
}

// Hold says that the machine boots nothing more until an operator says so, and
// what kept it from its agent before that.
func (w *Watch) Hold() *imager.BootTrouble {
	detail := ""
	if w.ended == stageRefused {
		detail = w.detail
	}
	t := Held.trouble(detail, "")
	if w.failed.last.kind != "" {
		last := w.failed.last.kind.words()
		t.Cause += " The last time: " + last.cause
		t.Advice = last.advice + " " + t.Advice
	}
	return &t
}

func (w *Watch) judge(now time.Time) (Kind, string) {
	switch {
	case w.Began.IsZero() || w.Arrived:
		return "", ""
	case w.ended == stageLocalDisk:
		return "", ""
	case w.ended == stageWithheld && w.withheldKind() == NoAddress && w.withheld < withheldOften:
		return "", ""
	case w.ended != "":
		return w.endKind(), w.detail
	case w.twins.now(now):
		return SharedMAC, ""
	case w.broken >= brokenOften:
		return Broken, w.detail
	case w.failed.circle(w.place) != "":
		return w.failed.circle(w.place), ""
	case w.place == offered && w.offers > offersIgnored && now.Sub(w.asked) >= w.place.patience():
		return NoAnswer, ""
	case w.place > offered && now.Sub(w.At) >= w.place.patience():
		return w.stopped(), w.stoppedDetail()
	}
	return "", ""
}

func (w *Watch) stoppedDetail() string {
	if w.broken > 0 {
		return w.detail
	}
	return ""
}

// endKind is the trouble of a boot that was ended by what the servers decided.
func (w *Watch) endKind() Kind {
	switch w.ended {
	case stageRefused:
		return Refused
	case stageElsewhere:
		return Elsewhere
	case stageWithheld:
		return w.withheldKind()
	}
	return archKind(w.Arch)
}

func (w *Watch) withheldKind() Kind {
	if strings.Contains(w.detail, "pool is full") {
		return PoolFull
	}
	return NoAddress
}

func archKind(arch string) Kind {
	switch arch {
	case "UEFI 32-bit":
		return Arch32
	case "ARM UEFI", "ARM UEFI 32-bit":
		return ArchARM
	}
	return ArchOther
}

// stopped is why a boot goes no further than it came; "" if nothing is known.
func (w *Watch) stopped() Kind {
	if w.ended != "" {
		return w.endKind()
	}
	if w.broken > 0 {
		return Broken
	}
	switch w.place {
	case offered:
		if w.offers > offersIgnored {
			return NoAnswer
		}
	case addressed:
		if w.Arch == archHTTP {
			return SilentHTTP
		}
		return SilentTFTP
	case sized:
		return ImageRefused
	case loaded:
		return w.notStarted()
	case started:
		if w.by == byIPXE {
			return SilentHTTP
		}
		return NoConfig
	case scripted:
		return NoKernel
	case kernel:
		return NoInitramfs
	case complete:
		if w.Stage == stageImage {
			return ImageRefused
		}
		return NoAgent
	case networked:
		return NoRegistration
	}
	return ""
}

const archHTTP = "UEFI HTTP Boot"

// notStarted is why the first loader does not run. After shim was refused, iPXE's
// refusal says the same again.
func (w *Watch) notStarted() Kind {
	switch base(w.file) {
	case fileBIOS:
		return LoaderBIOS
	case fileIPXE:
		if !w.failed.shim {
			return IPXERefused
		}
	}
	return ThirdPartyCA
}

// base is a file's name without the slashes that some loaders put before it.
func base(file string) string {
	for i := len(file) - 1; i >= 0; i-- {
		if file[i] == '/' || file[i] == '\\' {
			return file[i+1:]
		}
	}
	return file
}
