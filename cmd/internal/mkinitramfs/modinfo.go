package main

import (
	"debug/elf"
	"fmt"
	"strings"
)

// modinfo is what a kernel module says of itself in its .modinfo section.
type modinfo struct {
	depends []string // modules whose symbols it uses
	pre     []string // modules or aliases to be loaded before it (softdep)
	aliases []string // patterns of the devices that it drives

	firmware []string // files below /lib/firmware that it may ask for
}

// readModinfo reads the .modinfo section of the module at path: strings of the
// form "key=value", each ended by a zero byte (include/linux/moduleparam.h).
func readModinfo(path string) (modinfo, error) {
	f, err := elf.Open(path)
	if err != nil {
		return modinfo{}, err
	}
	defer f.Close()
	section := f.Section(".modinfo")
	if section == nil {
		return modinfo{}, fmt.Errorf("%s: no section .modinfo: not a kernel module", path)
	}
	data, err := section.Data()
	if err != nil {
		return modinfo{}, fmt.Errorf("%s: %w", path, err)
	}
	return parseModinfo(string(data)), nil
}

func parseModinfo(section string) modinfo {
	var m modinfo
	for field := range strings.SplitSeq(section, "\x00") {
		key, value, _ := strings.Cut(field, "=")
		switch key {
		case "depends":
			for d := range strings.SplitSeq(value, ",") {
				if d != "" {
					m.depends = append(m.depends, canonical(d))
				}
			}
		case "softdep":
			m.pre = append(m.pre, softdepPre(value)...)
		case "alias":
			m.aliases = append(m.aliases, value)
		case "firmware":
			m.firmware = append(m.firmware, value)
		}
	}
	return m
}

// softdepPre returns the modules named after "pre:" in a softdep such as
// "pre: realtek post: foo".
func softdepPre(value string) []string {
	var pre []string
	in := false
	for word := range strings.FieldsSeq(value) {
		switch word {
		case "pre:":
			in = true
		case "post:":
			in = false
		default:
			if in {
				pre = append(pre, canonical(word))
			}
		}
	}
	return pre
}
