// Package modules loads kernel modules for the devices that are there, now and
// when more are plugged in. It does for the bench what udev and modprobe do
// elsewhere.
package modules

import (
	"bufio"
	"io"
	"path"
	"strings"
)

// alias is one line of modules.alias(5).
type alias struct {
	pattern, module string
	literal         string // the pattern up to its first wildcard
}

type aliases []alias

// parseAliases reads lines of the form "alias PATTERN MODULE".
func parseAliases(r io.Reader) (aliases, error) {
	var out aliases
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		rest, ok := strings.CutPrefix(lines.Text(), "alias ")
		at := strings.LastIndexByte(rest, ' ')
		if !ok || at < 0 {
			continue
		}
		a := alias{pattern: rest[:at], module: rest[at+1:]}
		a.literal = a.pattern
		if i := strings.IndexAny(a.pattern, `*?[\`); i >= 0 {
			a.literal = a.pattern[:i]
		}
		out = append(out, a)
	}
	return out, lines.Err()
}

// match returns the modules for a device's modalias.
func (as aliases) match(modalias string) []string {
	var out []string
	for _, a := range as {
		// There are thousands of patterns; most differ in their first letters.
		if !strings.HasPrefix(modalias, a.literal) {
			continue
		}
		if ok, err := path.Match(a.pattern, modalias); ok && err == nil {
			out = append(out, a.module)
		}
	}
	return out
}
