package console

import (
	"errors"
	"os"
	"strings"
)

// text is a text screen of 80 by 25 characters.
type text struct{ f *os.File }

func openText(path string) (surface, error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	return &text{f}, nil
}

func (t *text) draw(v View) error {
	_, err := t.f.WriteString("\x1b[?25l\x1b[2J\x1b[H" + strings.ReplaceAll(v.line(), " | ", "\r\n"))
	return err
}

func (t *text) Close() error { return t.f.Close() }

var errNoFramebuffer = errors.New("no framebuffer")

func openFramebuffer(path string) (surface, error) { return nil, errNoFramebuffer }
