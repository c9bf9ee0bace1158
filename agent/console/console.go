package console

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// surface is what a view is drawn on.
type surface interface {
	draw(View) error
	Close() error
}

// Console draws the newest view, at most a few times a second.
type Console struct {
	on     surface
	serial io.Writer

	mu     sync.Mutex
	next   *View
	signal chan struct{}
	done   chan struct{}
}

// pace is the shortest time between two drawings.
const pace = 500 * time.Millisecond

// start begins to draw on a surface, and to write what changes to serial.
func start(on surface, serial io.Writer) *Console {
	c := &Console{on: on, serial: serial, signal: make(chan struct{}, 1), done: make(chan struct{})}
	go c.loop()
	return c
}

// Show replaces what the screen shows. It does not block.
func (c *Console) Show(v View) {
	c.mu.Lock()
	c.next = &v
	c.mu.Unlock()
	select {
	case c.signal <- struct{}{}:
	default:
	}
}

func (c *Console) loop() {
	defer close(c.done)
	last := ""
	for range c.signal {
		c.mu.Lock()
		v := *c.next
		c.mu.Unlock()
		if line := v.line(); line != last {
			last = line
			fmt.Fprintln(c.serial, line)
		}
		// A screen that cannot be drawn on is no reason to stop an erasure.
		_ = c.on.draw(v)
		time.Sleep(pace)
	}
}

// Close ends the drawing; the last view stays on the screen.
func (c *Console) Close() error {
	close(c.signal)
	<-c.done
	return c.on.Close()
}

// line is the view as one line for the serial console: without the figures that
// change every second.
func (v View) line() string {
	parts := []string{"regain"}
	if v.Machine != 0 {
		parts = append(parts, fmt.Sprintf("machine %d", v.Machine))
	}
	for _, s := range []string{v.Title, v.Message, v.Warning, v.Footer} {
		if s != "" {
			parts = append(parts, strings.ReplaceAll(s, "\n", " "))
		}
	}
	for _, b := range v.Drives {
		parts = append(parts, b.Label+" "+b.State)
	}
	return strings.Join(parts, " | ")
}
