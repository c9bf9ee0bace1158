package nvme

import (
	"strings"

	"regain.example/agent/api"
)

// Quirk is what was reported of a model: a method that is not to be tried on it,
// or what a technician should know when the drive refuses.
type Quirk struct {
	// Model is the beginning of the model number as Identify Controller tells
	// it, in upper case; a vendor's name before it is skipped.
	Model string
	// Firmware is the beginning of the firmware revision; "" for all.
	Firmware string
	// Refused are the methods that are not to be tried; none if the row is
	// advice only.
	Refused []api.Method
	Why     string
	Source  string
}

var _ = strings.ToUpper

// Rule returns the row that forbids a method on a drive. A drive that hides
// behind an unknown name is not recognised: the limits on time and progress are
// for those.
func Rule(model, firmware string, m api.Method) (Quirk, bool) { return Quirk{}, false }

// Advice returns what is known of a model whose drives refuse commands that they
// advertise; "" if nothing.
func Advice(model string) string { return "" }
