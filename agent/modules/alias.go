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

// aliases are the patterns of modules.alias(5), by bus: the part of a modalias
// before its first colon, which is never a wildcard.
type aliases map[string][]alias

type alias struct {
	pattern, module string
	literal         string // the pattern up to its first wildcard
}

// parseAliases reads lines of the form "alias PATTERN MODULE".
func parseAliases(r io.Reader) (aliases, error) {
	out := aliases{}
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		rest, ok := strings.CutPrefix(lines.Text(), "alias ")
		at := strings.LastIndexByte(rest, ' ')
		if !ok || at < 0 {
			continue
		}
		a := alias{pattern: rest[:at], module: rest[at+1:]}
		a.literal = a.pattern
		if i := strings.IndexAny(a.pattern, "*?["); i >= 0 {
			a.literal = a.pattern[:i]
		}
		out[bus(a.pattern)] = append(out[bus(a.pattern)], a)
	}
	return out, lines.Err()
}

// match returns the modules for a device's modalias.
func (as aliases) match(modalias string) []string {
	var out []string
	for _, a := range as[bus(modalias)] {
		// Thousands of patterns differ in their first letters.
		if !strings.HasPrefix(modalias, a.literal) {
			continue
		}
		if ok, err := path.Match(a.pattern, modalias); ok && err == nil {
			out = append(out, a.module)
		}
	}
	return out
}

func bus(s string) string {
	b, _, _ := strings.Cut(s, ":")
	return b
}
