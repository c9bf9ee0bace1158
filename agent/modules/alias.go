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

type alias struct{ pattern, module string }

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
		out[bus(a.pattern)] = append(out[bus(a.pattern)], a)
	}
	return out, lines.Err()
}

// match returns the modules for a device's modalias.
func (as aliases) match(modalias string) []string {
	var out []string
	for _, a := range as[bus(modalias)] {
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
