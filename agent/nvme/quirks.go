package nvme

import (
	"path"
	"slices"
	"strings"

	"regain.example/agent/api"
)

// Quirk is what was reported of a model: methods that are not to be tried on it,
// or what to do when it refuses what it advertises.
type Quirk struct {
	// Model is a pattern of path.Match for the model number that Identify
	// Controller tells, in upper case. Firmware is one for the firmware
	// revision; "" stands for all.
	Model, Firmware string
	// Refused are the methods that are not to be tried; none in a row that is
	// advice only.
	Refused []api.Method
	Why     string
	Source  string // who reported it, such as "nvme-cli issue 752"
}

// Methods of one kind, for the table.
var (
	allSanitizes = []api.Method{api.MethodSanitizeBlock, api.MethodSanitizeCrypto, api.MethodSanitizeOverwrite}
	formatCrypto = []api.Method{api.MethodFormatCrypto}
)

const blockedAtBoot = "refuses Format NVM although it advertises it, because the machine's firmware blocks the " +
	"drive's security commands at power-on; suspend the machine and wake it, or disable the block " +
	`for one start in the firmware's setup ("Disable Block SID"), then try again`

// quirks is the table. Rows are added with the source that was read, and no
// wider than it supports, save where the alternative would hang or break drives.
var quirks = []Quirk{
	{
		// Intel 660p. Reported of SSDPEKNW512G8 (block erase, firmware 002C,
		// and crypto erase) and SSDPEKNW010T8 (block erase); its other sizes
		// are treated alike.
		Model: "*SSDPEKNW*", Refused: allSanitizes,
		Why:    "its sanitize stays at progress 655 for hours to weeks, cannot be left, and keeps the drive from being used",
		Source: "nvme-cli issues 752, 1784 and 3027",
	},
	{
		// Intel Pro 7600p.
		Model: "*SSDPEKKF256G8L*", Refused: formatCrypto,
		Why:    "it was unusable after a Format NVM with cryptographic erase",
		Source: "nvme-cli issue 2677",
	},
	{Model: "*MZVKV*", Why: blockedAtBoot, Source: "nvme-cli issue 84"},         // Samsung SM951
	{Model: "*MZVLV*", Why: blockedAtBoot, Source: "nvme-cli issue 84"},         // Samsung PM951
	{Model: "*MZVLW*", Why: blockedAtBoot, Source: "nvme-cli issue 84"},         // Samsung PM961
	{Model: "*MZV[KP]W*", Why: blockedAtBoot, Source: "nvme-cli issue 84"},      // Samsung SM961
	{Model: "*HFS????D9TNG*", Why: blockedAtBoot, Source: "nvme-cli issue 816"}, // Hynix PC601
	{
		// Hynix PC801.
		Model: "*HFS????EJ9X101N*", Source: "nvme-cli issue 2710",
		Why: "refuses Format NVM with Invalid Format although it advertises it; no remedy is known",
	},
}

// Rule returns the row that forbids a method on drives of a model, if there is
// one. Drives that hang under a name not listed are caught by the limits on
// time and progress.
func Rule(model, firmware string, m api.Method) (row Quirk, refused bool) {
	for _, q := range quirks {
		if q.matches(model, firmware) && slices.Contains(q.Refused, m) {
			return q, true
		}
	}
	return Quirk{}, false
}

// Advice returns the row that says what to do when drives of a model refuse a
// command that they advertise, if there is one.
func Advice(model, firmware string) (row Quirk, ok bool) {
	for _, q := range quirks {
		if q.matches(model, firmware) && len(q.Refused) == 0 {
			return q, true
		}
	}
	return Quirk{}, false
}

// matches compares without regard to case and space. A slash, which path.Match
// would take for a separator, is an underscore.
func (q Quirk) matches(model, firmware string) bool {
	plain := func(s string) string { return strings.ToUpper(strings.ReplaceAll(strings.TrimSpace(s), "/", "_")) }
	is, err := path.Match(q.Model, plain(model))
	if err != nil || !is {
		return false
	}
	if q.Firmware == "" {
		return true
	}
	is, err = path.Match(q.Firmware, plain(firmware))
	return err == nil && is
}
