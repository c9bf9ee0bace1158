package console

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// canvas is a surface that remembers what was drawn on it.
type canvas struct {
	mu    sync.Mutex
	drawn []string
	err   error
}

func (c *canvas) draw(v View) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.drawn = append(c.drawn, v.Title)
	return c.err
}

func (c *canvas) Close() error { return nil }

// The newest view is drawn, at a pace that leaves the processor to the work; a
// screen that is broken stops nothing.
func TestShow(t *testing.T) {
	for _, broken := range []error{nil, errors.New("input/output error")} {
		synctest.Test(t, func(t *testing.T) {
			on, serial := &canvas{err: broken}, &strings.Builder{}
			c := start(on, serial)
			c.Show(View{Title: "one"})
			synctest.Wait()
			for _, title := range []string{"two", "three", "four"} {
				c.Show(View{Title: title})
			}
			time.Sleep(2 * pace)
			if err := c.Close(); err != nil {
				t.Error(err)
			}
			if want := []string{"one", "four"}; !slices.Equal(on.drawn, want) {
				t.Errorf("drawn %v, want %v", on.drawn, want)
			}
			if got := serial.String(); got != "regain | one\nregain | four\n" {
				t.Errorf("serial console: %q", got)
			}
		})
	}
}
