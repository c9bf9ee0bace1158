package console

import "strings"

// wrapWords breaks s into lines that fit, at spaces only. Lines that s has stay
// apart, so that each drive of an advice stands on its own.
func wrapWords(s string, fits func(line string) bool) []string {
	var lines []string
	for paragraph := range strings.SplitSeq(s, "\n") {
		now := ""
		for word := range strings.FieldsSeq(paragraph) {
			longer := strings.TrimSpace(now + " " + word)
			if now != "" && !fits(longer) {
				lines = append(lines, now)
				longer = word
			}
			now = longer
		}
		if now != "" {
			lines = append(lines, now)
		}
	}
	return lines
}

// wrapText breaks s into lines of at most n characters. A longer word, such as a
// serial number, is broken where it has to be: nothing of it may be lost.
func wrapText(s string, n int) []string {
	var lines []string
	for _, line := range wrapWords(s, func(line string) bool { return len([]rune(line)) <= n }) {
		r := []rune(line)
		for ; len(r) > n; r = r[n:] {
			lines = append(lines, string(r[:n]))
		}
		lines = append(lines, string(r))
	}
	return lines
}

// blockWrap breaks s into lines of block letters that fit in so many columns; nil
// if it is too long for them.
func blockWrap(s string, columns int) []string {
	const mostLines = 2
	fits := func(line string) bool { return len([]rune(line))*blockWidth <= columns }
	lines := wrapWords(s, fits)
	if len(lines) > mostLines {
		return nil
	}
	for _, l := range lines {
		if !fits(l) {
			return nil
		}
	}
	return lines
}

// more ends an advice that does not fit on the screen.
const more = "… and more: see the progress page"

// cut shortens lines to n of them, and says so in the last.
func cut(lines []string, n int) []string {
	if len(lines) <= n || n < 1 {
		return lines[:min(len(lines), max(n, 0))]
	}
	return append(lines[:n-1:n-1], more)
}
