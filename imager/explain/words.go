// Package explain puts what is known of a drive into words for a technician, the
// same for page and command line. It is pure. It decides nothing: outcomes,
// levels, reasons and advice are package verdict's.
package explain

import (
	"fmt"
	"slices"
	"strings"

	"regain.example/agent/api"
	"regain.example/imager"
)

// Method names a method.
func Method(m api.Method) string {
	switch m {
	case api.MethodSanitizeBlock:
		return "NVMe sanitize, block erase"
	case api.MethodSanitizeCrypto:
		return "NVMe sanitize, cryptographic erase"
	case api.MethodSanitizeOverwrite:
		return "NVMe sanitize, overwrite by the drive"
	case api.MethodFormatCrypto:
		return "NVMe format, cryptographic erase"
	case api.MethodFormat:
		return "NVMe format, user data erase"
	case api.MethodOverwrite:
		return "overwrite, every sector once"
	case "":
		return "none"
	}
	return fmt.Sprintf("unknown method %q", string(m))
}

// Plain is a text of the verdict with the methods in words.
func Plain(s string) string {
	return strings.NewReplacer(
		string(api.MethodSanitizeBlock), "sanitize (block erase)",
		string(api.MethodSanitizeCrypto), "sanitize (cryptographic erase)",
		string(api.MethodSanitizeOverwrite), "sanitize (overwrite by the drive)",
		string(api.MethodFormatCrypto), "format (cryptographic erase)",
		string(api.MethodFormat), "format (user data erase)",
	).Replace(s)
}

// How says how a drive is erased or was: the methods that ran, once any did, else
// those that are planned, in order.
func How(d imager.JobDrive) string {
	if d.Evidence != nil {
		if ran := Ran(d.Evidence); len(ran) > 0 {
			return join(ran, ", then ")
		}
	}
	if d.Journal != nil && d.Evidence == nil {
		return Method(d.Journal.Method)
	}
	if len(d.Methods) == 0 {
		return "none"
	}
	planned := join(d.Methods, "; if the drive refuses, ")
	if d.Follow != "" {
		planned += "; a cryptographic erase is followed by " + Method(d.Follow)
	}
	return planned
}

// Ran lists the methods that may have run: all that the drive did not refuse.
func Ran(ev *api.DriveEvidence) (ran []api.Method) {
	for _, a := range ev.Attempts {
		if a.NotRun == "" {
			ran = append(ran, a.Method)
		}
	}
	return ran
}

func join(methods []api.Method, by string) string {
	var words []string
	for _, m := range methods {
		words = append(words, Method(m))
	}
	return strings.Join(words, by)
}

// Verify says how much is read back.
func Verify(v api.Verify) string {
	switch v {
	case api.VerifyNISTR2:
		return fmt.Sprintf("drive's status, markers and %d samples", api.R2Samples)
	case api.VerifyNISTR1:
		return "drive's status, markers, and samples of a tenth of the drive"
	case api.VerifyFull:
		return "drive's status, markers, samples, and every sector"
	}
	return fmt.Sprintf("unknown read-back %q", string(v))
}

// Phase names a phase.
func Phase(p api.Phase) string {
	switch p {
	case api.PhaseCountdown:
		return "Countdown"
	case api.PhaseErase:
		return "Erasing"
	case api.PhaseVerify:
		return "Reading back"
	case api.PhaseInstall:
		return "Installing"
	case api.PhaseCheck:
		return "Checking the installation"
	case api.PhasePersonalise:
		return "Giving it its name"
	case api.PhaseBootEntry:
		return "Setting the boot entry"
	case api.PhaseFirstBoot:
		return "First start"
	case api.PhaseRegistration:
		return "Network boot"
	}
	return ""
}

// Doing says what is done to a drive now.
func Doing(p api.DriveProgress, d imager.JobDrive) string {
	switch p.Pause {
	case api.PauseHot:
		if p.Celsius > 0 {
			return fmt.Sprintf("Paused: at %d °C the drive is too hot; it goes on when it is cooler", p.Celsius)
		}
		return "Paused: the drive is too hot; it goes on when it is cooler"
	case api.PauseSeed:
		return "Complete by the drive's word; waiting for the controller's sample seed"
	case api.PauseOthers:
		return "Waiting for the other namespaces of its controller"
	}
	method := p.Method
	if method == "" && d.Journal != nil {
		method = d.Journal.Method
	}
	switch {
	case p.Phase != api.PhaseErase:
		return Phase(p.Phase)
	case Sanitizes(method):
		return "The drive sanitizes itself"
	case method == api.MethodFormat || method == api.MethodFormatCrypto:
		return "The drive formats itself and tells no progress"
	case method == api.MethodOverwrite:
		return "Overwriting"
	}
	return Phase(p.Phase)
}

// Sanitizes reports whether the method is a sanitize operation, which goes on in
// the drive by itself once it has begun.
func Sanitizes(m api.Method) bool {
	return slices.Contains([]api.Method{api.MethodSanitizeBlock, api.MethodSanitizeCrypto, api.MethodSanitizeOverwrite}, m)
}

// Level names the level that was reached; "" for none.
func Level(l imager.Level) string {
	if l == "" {
		return ""
	}
	return string(l) + " (NIST SP 800-88 Rev. 2)"
}

// Place says where a person finds the drive: its bay if the machine tells, and
// what is printed on it.
func Place(d api.Drive) string {
	var words []string
	if d.Bay != "" {
		words = append(words, d.Bay)
	}
	switch {
	case strings.TrimSpace(d.Serial) == "":
		words = append(words, "no serial, at "+d.Location)
	case d.SerialOfBridge:
		words = append(words, "serial "+d.Serial+" (told by a bridge, not by the drive)")
	default:
		words = append(words, "serial "+d.Serial)
	}
	return strings.Join(words, ", ")
}

// Step says how far the work on a drive had come.
func Step(j api.JournalEntry) string {
	var stage string
	switch j.Stage {
	case api.StageBegun:
		stage = "begun"
	case api.StageAccepted:
		stage = "accepted by the drive"
	case api.StageOffset:
		stage = size(j.Offset) + " written and flushed"
	case api.StageCompleted:
		stage = "completed by the drive's word"
	default:
		stage = fmt.Sprintf("unknown stage %q", string(j.Stage))
	}
	return Method(j.Method) + ": " + stage
}
