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
	always bool // loaded at every start, not by modalias
}

// parseList reads the list of modules: "MODULE REASON" a line, in groups headed
// by "[NAME]". A module without a reason, or named twice, is an error.
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
		switch {
		case strings.TrimSpace(reason) == "":
			return nil, fmt.Errorf("line %d: module %s has no reason", n, module)
		case seen[name]:
			return nil, fmt.Errorf("line %d: module %s is listed twice", n, module)
		}
		seen[name] = true
		list = append(list, entry{module: name, always: group == "always"})
	}
	return list, lines.Err()
}

// canonical is a module's name as the kernel writes it: the file may be called
// usb-storage.ko, the module is usb_storage.
func canonical(name string) string { return strings.ReplaceAll(name, "-", "_") }
