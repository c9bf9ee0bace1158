package console

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// text is the kernel's text screen, usually of 80 by 25 characters.
type text struct {
	f             *os.File
	columns, rows int
	shown         string
}

func openText(path string) (surface, error) {
	f, err := os.OpenFile(path, os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		return nil, err
	}
	t := &text{f: f, columns: 80, rows: 25}
	if size, err := unix.IoctlGetWinsize(int(f.Fd()), unix.TIOCGWINSZ); err == nil && size.Row > 0 {
		t.columns, t.rows = int(size.Col), int(size.Row)
	}
	return t, nil
}

// The control sequences used (console_codes(4)): UTF-8, hide the cursor, never
// blank, and home.
const textStart = "\x1b%G\x1b[?25l\x1b[9;0]\x1b[H"

func (t *text) draw(v View) error {
	s := textStart + page(v, t.columns, t.rows)
	if s == t.shown {
		return nil
	}
	t.shown = s
	if _, err := t.f.WriteString(s); err != nil {
		return fmt.Errorf("write to the screen: %w", err)
	}
	return nil
}

func (t *text) Close() error { return t.f.Close() }

// page lays v out on a text screen, its colours first. Every line is filled up,
// so that it needs no clearing and does not flicker; the last column stays free,
// so that nothing scrolls.
func page(v View, columns, rows int) string {
	color := "\x1b[0;1;37;44m" // white on blue
	switch v.Mood {
	case Caution:
		color = "\x1b[0;1;33;40m" // yellow on black
	case Green:
		color = "\x1b[0;1;37;42m"
	case Red:
		color = "\x1b[0;1;37;41m"
	}
	lines := compose(v, columns-2, rows)
	var b strings.Builder
	b.WriteString(color)
	for i := range rows {
		line := ""
		if i < len(lines) {
			line = lines[i]
		}
		fmt.Fprintf(&b, " %s\x1b[K", line)
		if i < rows-1 {
			b.WriteString("\r\n")
		}
	}
	return b.String()
}

// compose returns the lines of v, at most rows of them. What is said in words
// comes before the size of the letters: where it would not fit, first the title
// and then the number become small.
func compose(v View, columns, rows int) []string {
	var lines []string
	for _, large := range []struct{ number, head bool }{{true, true}, {true, false}, {false, false}} {
		lines = append(header(v, columns, large.number, large.head), wrapText(v.Message, columns)...)
		if len(lines)+len(v.Drives) <= rows-1 {
			break
		}
	}
	if len(v.Drives) == 0 {
		lines = cut(lines, rows-1)
	}
	for _, b := range v.Drives {
		lines = append(lines, textBar(b, columns))
	}
	lines = lines[:min(len(lines), rows-1)]
	for len(lines) < rows-1 {
		lines = append(lines, "")
	}
	footer := []rune(v.Footer)
	if v.Warning != "" {
		footer = []rune("! " + v.Warning)
	}
	return append(lines, string(footer[:min(len(footer), columns)]))
}

// header is the machine's number and name, and the title, or what counts more
// than it: the seconds left, or how far the drives are.
func header(v View, columns int, largeNumber, largeHead bool) []string {
	var lines []string
	head := v.Title
	switch {
	case v.Countdown > 0:
		head = strconv.Itoa(v.Countdown)
	case len(v.Drives) > 0:
		head += slowest(v.Drives)
	}
	number := "No. " + strconv.Itoa(v.Machine)
	switch {
	case v.Machine > 0 && largeNumber:
		lines = append(append(lines, blocks(number)...), v.Name)
	case v.Machine > 0:
		lines = append(lines, number+"   "+v.Name)
	}
	big := blockWrap(head, columns)
	if big == nil || !largeHead {
		big = nil
		lines = append(lines, "")
		lines = append(lines, wrapText(head, columns)...)
	}
	for _, l := range big {
		lines = append(lines, blocks(l)...)
	}
	if v.Countdown > 0 {
		lines = append(lines, v.Title)
	}
	return append(lines, "")
}

// slowest is how far the drive has come that will be the last, if all tell.
func slowest(bars []Bar) string {
	least := 1.0
	for _, b := range bars {
		least = min(least, b.Fraction)
	}
	if least < 0 || least >= 1 {
		return ""
	}
	return " " + strings.ReplaceAll(percent(least), " ", "")
}

// textBar is one drive on one line: label, bar, percent, what is being done.
func textBar(b Bar, columns int) string {
	const barWidth, doingWidth = 16, 24
	full := int(max(b.Fraction, 0) * barWidth)
	bar := strings.Repeat("█", full) + strings.Repeat("░", barWidth-full)
	part := ""
	if b.Fraction >= 0 && !b.Done {
		part = percent(b.Fraction)
	}
	room := columns - barWidth - doingWidth - 9
	label := []rune(b.Label)
	return fmt.Sprintf("%-*s %s %5s  %s", room, string(label[:min(len(label), room)]), bar, part, doing(b))
}
