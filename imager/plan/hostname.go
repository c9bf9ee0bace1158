package plan

import (
	"errors"
	"fmt"
	"strings"

	"regain.example/agent/api"
)

// ErrHostname is returned for a pattern that yields no host name.
var ErrHostname = errors.New("no valid host name")

// defaultHostname is used where a profile has no pattern.
const defaultHostname = "regain-{number}"

// Hostname fills a profile's pattern: {number}, {serial} (of the system) and
// {mac} (of the interface that booted, without colons). Characters that a host
// name may not hold become hyphens; the result is a label of RFC 1123 section
// 2.1, at most 63 characters. The error wraps ErrHostname.
func Hostname(pattern string, number int, inv api.Inventory) (string, error) {
	if pattern == "" {
		pattern = defaultHostname
	}
	name := strings.NewReplacer(
		"{number}", fmt.Sprint(number),
		"{serial}", inv.System.Serial,
		"{mac}", strings.ReplaceAll(bootMAC(inv), ":", ""),
	).Replace(pattern)
	if strings.ContainsAny(name, "{}") {
		return "", fmt.Errorf("%w: pattern %q knows only {number}, {serial} and {mac}", ErrHostname, pattern)
	}
	label := strings.Trim(strings.Map(labelRune, strings.ToLower(name)), "-")
	if len(label) > 63 {
		label = strings.TrimRight(label[:63], "-")
	}
	if label == "" {
		return "", fmt.Errorf("%w: pattern %q gives none for this machine", ErrHostname, pattern)
	}
	return label, nil
}

func labelRune(r rune) rune {
	if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
		return r
	}
	return '-'
}

func bootMAC(inv api.Inventory) string {
	for _, n := range inv.NICs {
		if n.Boot {
			return n.MAC
		}
	}
	return ""
}
