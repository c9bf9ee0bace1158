package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"regain.example/agent/api"
	"regain.example/imager"
)

// teller tells the story on a terminal, with a line of bars that is drawn anew,
// or in plain lines to anything else.
type teller struct {
	w       io.Writer
	tty     bool
	began   time.Time
	open    bool // a line of bars stands without its end
	last    string
	spoken  time.Time
	entries int
}

func newTeller(w io.Writer) *teller {
	t := &teller{w: w, began: time.Now()}
	if f, ok := w.(*os.File); ok {
		_, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
		t.tty = err == nil
	}
	return t
}

// step tells what is done next.
func (t *teller) step(format string, args ...any) {
	t.end()
	fmt.Fprintf(t.w, "%6.1f s  %s\n", time.Since(t.began).Seconds(), fmt.Sprintf(format, args...))
}

// end ends the line of bars.
func (t *teller) end() {
	if t.open {
		fmt.Fprintln(t.w)
		t.open = false
	}
}

// view tells what is new of a machine.
func (t *teller) view(v imager.View) {
	for n := len(v.Log) - t.entries; n > 0; n-- {
		t.step("  %s", v.Log[n-1].Text)
	}
	t.entries = max(t.entries, len(v.Log))
	t.bars(line(v))
}

func (t *teller) bars(now string) {
	if now == "" || now == t.last {
		return
	}
	switch {
	case t.tty:
		fmt.Fprintf(t.w, "\r\x1b[K%6.1f s  %s", time.Since(t.began).Seconds(), now)
		t.open = true
	case time.Since(t.spoken) > 10*time.Second:
		t.step("%s", now)
		t.spoken = time.Now()
	}
	t.last = now
}

// line draws the bars of all drives.
func line(v imager.View) string {
	p := v.Progress
	switch {
	case p == nil:
		return ""
	case p.CountdownSeconds > 0:
		return fmt.Sprintf("the erasure begins in %d s", p.CountdownSeconds)
	}
	var parts []string
	for _, d := range p.Drives {
		parts = append(parts, bar(serial(v, d.Drive), d))
	}
	return strings.Join(parts, "  ")
}

func bar(name string, d api.DriveProgress) string {
	if d.Total == 0 {
		return fmt.Sprintf("%s %s ...", name, d.Phase)
	}
	const width = 16
	full := int(min(d.Done, d.Total) * width / d.Total)
	return fmt.Sprintf("%s %s [%s%s] %3d %% %4.0f MB/s", name, d.Phase,
		strings.Repeat("#", full), strings.Repeat(".", width-full), d.Done*100/d.Total, d.BytesPerSecond/1e6)
}

func serial(v imager.View, id api.DriveID) string {
	for _, d := range v.Machine.Inventory.Drives {
		if d.ID() == id {
			return d.Serial
		}
	}
	return string(id)
}
