package main

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// entry is one line of the list of modules.
type entry struct {
	module string
	before []string // modules loaded before it, which it does not ask for itself
	always bool     // loaded at every start, not by modalias
}

// parseList reads the list of modules: "MODULE [+OTHER]... REASON" a line, in
// groups headed by "[NAME]". A module without a reason, or named twice, is an
// error.
func parseList(r io.Reader) ([]entry, error) {
	var list []entry
	group, seen := "", map[string]bool{}
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if name, ok := strings.CutPrefix(line, "["); ok {
			group = strings.TrimSuffix(name, "]")
			continue
		}
		module, reason, _ := strings.Cut(line, " ")
		name := canonical(module)
		var before []string
		reason, before = cutBefore(reason)
		switch {
		case reason == "":
			return nil, fmt.Errorf("line %d: module %s has no reason", n, module)
		case seen[name]:
			return nil, fmt.Errorf("line %d: module %s is listed twice", n, module)
		}
		seen[name] = true
		list = append(list, entry{module: name, before: before, always: group == "always"})
	}
	return list, lines.Err()
}

// cutBefore cuts the words that begin with "+" off the front of a reason.
func cutBefore(reason string) (rest string, before []string) {
	rest = strings.TrimSpace(reason)
	for strings.HasPrefix(rest, "+") {
		word, more, _ := strings.Cut(rest, " ")
		before = append(before, canonical(word[1:]))
		rest = strings.TrimSpace(more)
	}
	return rest, before
}

// canonical is a module's name as the kernel writes it: the file may be called
// usb-storage.ko, the module is usb_storage.
func canonical(name string) string { return strings.ReplaceAll(name, "-", "_") }
