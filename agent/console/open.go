package console

import (
	"errors"
	"fmt"
	"os"
	"strings"
)

// Open returns the bench's screen: the framebuffer if the kernel has one, else
// the text screen; and the serial console if the kernel's command line names it.
// A machine without a screen is served as well.
func Open(cmdline string) *Console {
	serial := openSerial(cmdline)
	on, err := openSurface()
	if err != nil {
		fmt.Fprintln(serial, "regain: screen:", err)
	}
	return start(on, serial)
}

// openSurface returns the best that there is, and why it is not the first.
func openSurface() (surface, error) {
	fb, err := openFramebuffer("/dev/fb0")
	if err == nil {
		return fb, nil
	}
	tty, ttyErr := openText("/dev/tty0")
	if ttyErr == nil {
		return tty, err
	}
	return blank{}, errors.Join(err, ttyErr)
}

// openSerial opens the console that the kernel was told of by "console=ttyS0".
func openSerial(cmdline string) *os.File {
	for word := range strings.FieldsSeq(cmdline) {
		name, ok := strings.CutPrefix(word, "console=ttyS")
		if !ok {
			continue
		}
		number, _, _ := strings.Cut(name, ",")
		f, err := os.OpenFile("/dev/ttyS"+number, os.O_WRONLY, 0)
		if err == nil {
			return f
		}
	}
	null, _ := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	return null
}

// Serial returns the same console for log lines.
func Serial(cmdline string) *os.File { return openSerial(cmdline) }

// blank is the surface of a machine without a screen.
type blank struct{}

func (blank) draw(View) error { return nil }
func (blank) Close() error    { return nil }
