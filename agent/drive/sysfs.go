package drive

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// attr returns a sysfs attribute without surrounding space; empty if there is
// none.
func attr(dir, name string) string {
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(strings.Map(printable, string(b)))
}

// printable keeps what a hostile device may put into its strings from reaching
// a screen or a log.
func printable(r rune) rune {
	if r == '\n' || r == '\t' {
		return ' '
	}
	if r < ' ' || r > '~' {
		return -1
	}
	return r
}

func attrUint(dir, name string) uint64 {
	n, err := strconv.ParseUint(attr(dir, name), 0, 64)
	if err != nil {
		return 0
	}
	return n
}

func attrBytes(dir, name string) []byte {
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		return nil
	}
	return b
}
