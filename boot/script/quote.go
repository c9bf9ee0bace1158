package script

import (
	"fmt"
	"strings"
)

// text makes s safe to echo on the machine's screen. Only characters that mean
// nothing to iPXE or GRUB pass: no quote, backslash, dollar, semicolon,
// ampersand, bar or line end. The firmware's own strings come back in reasons,
// and they may be hostile.
func text(s string) string {
	var b strings.Builder
	for i, r := range s {
		if i >= maxText {
			b.WriteString("...")
			break
		}
		switch {
		case plain(r), strings.ContainsRune(" ()", r):
			b.WriteRune(r)
		default:
			b.WriteByte('?')
		}
	}
	return b.String()
}

// maxText is the longest reason shown, in bytes: four lines of 80 columns.
const maxText = 320

// words checks that s may stand on a kernel command line inside a script: words
// of plain characters between single spaces. Unlike a reason it is not mended: a
// kernel parameter that was changed is worse than none.
func words(s string) (string, error) {
	for _, r := range s {
		if r != ' ' && !plain(r) {
			return "", fmt.Errorf("kernel parameters %q: the character %q cannot stand in a boot script", s, r)
		}
	}
	return strings.Join(strings.Fields(s), " "), nil
}

func plain(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' ||
		strings.ContainsRune("-_.,:/=+@%~", r)
}
