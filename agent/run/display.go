package run

import (
	"fmt"
	"sync"

	"regain.example/agent/api"
	"regain.example/agent/console"
)

// display is what the screen shows, changed from several goroutines.
type display struct {
	screen Screen
	mu     sync.Mutex
	view   console.View
	// code is what is shown while the machine waits, in place of a title.
	code string
}

func newDisplay(s Screen) *display { return &display{screen: s} }

func (d *display) change(f func(v *console.View)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f(&d.view)
	d.screen.Show(d.view)
}

// scene replaces what is shown beside the machine's name.
func (d *display) scene(mood console.Mood, title, message string) {
	d.change(func(v *console.View) {
		v.Mood, v.Title, v.Message, v.Countdown = mood, title, message, 0
	})
}

func (d *display) message(title, message string) { d.scene(console.Calm, title, message) }

func (d *display) machine(m api.MachineLabel) {
	d.change(func(v *console.View) { v.Machine, v.Name = m.Number, m.Name })
}

func (d *display) waiting(o api.Order) {
	d.bars(nil)
	d.mu.Lock()
	code := d.code
	d.mu.Unlock()
	if code == "" {
		d.message("Waiting", o.Message)
		return
	}
	d.message(code, "This machine was started from a stick. "+o.Message)
}

func (d *display) showCode(code string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.code = code
}

func (d *display) countdown(left int) {
	d.change(func(v *console.View) {
		v.Mood, v.Countdown = console.Caution, left
		v.Title = "All drives will be erased"
		v.Message = "Press any key to stop."
	})
}

func (d *display) stopped(message string) { d.scene(console.Caution, "Stopped", message) }

func (d *display) trouble(message string) { d.scene(console.Caution, "Attention", message) }

func (d *display) verdict(e api.End) {
	mood := console.Red
	if e.Green {
		mood = console.Green
	}
	d.bars(nil)
	d.scene(mood, e.Verdict, e.Advice)
}

func (d *display) bars(bars []console.Bar) {
	d.change(func(v *console.View) { v.Drives = bars })
}

func (d *display) footer(text string) {
	d.change(func(v *console.View) { v.Footer = text })
}

// warn shows trouble with the connection: in passing while the machine has a
// number, as the matter itself before.
func (d *display) warn(text string) {
	d.change(func(v *console.View) {
		if v.Machine == 0 {
			v.Mood, v.Title, v.Message = console.Caution, "No controller", text
			return
		}
		v.Warning = text
	})
}

func (d *display) connected(footer string) {
	d.change(func(v *console.View) { v.Warning, v.Footer = "", footer })
}

// label is how the screen calls a drive.
func label(d api.Drive) string {
	return fmt.Sprintf("%s  %s  %s", d.Node, d.Model, console.Size(d.SizeBytes))
}
