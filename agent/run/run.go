// Package run is the agent's story: it takes stock of the machine, and then
// follows the controller's orders one after the other. Erasing, installing, the
// connection and the screen stand behind the interfaces of this file.
//
// What is at work goes on when the connection breaks. It ends early only by an
// order to stop, by a key during the countdown, or when the controller stops the
// machine; and then its outcome is told as what it is: unknown.
package run

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"regain.example/agent/api"
	"regain.example/agent/console"
	"regain.example/agent/erase"
	"regain.example/agent/step"
)

// Machine is the hardware.
type Machine interface {
	// Inventory takes stock, anew at each call.
	Inventory(ctx context.Context) (api.Inventory, error)
	Restart() error
	PowerOff() error
}

// Steps are what is done to drives. They return evidence in every case, also
// when ctx ends: what was not finished says so.
type Steps interface {
	// Erasure prepares the work on all drives of an order; it does nothing yet.
	Erasure(work []erase.Work, j erase.Journaler, r step.Reporter) Erasure
	// Install installs on d. zeroRead says that the whole drive was read as
	// zeros in this boot and not written since.
	Install(ctx context.Context, d api.Drive, o api.InstallOrder, zeroRead bool, r step.Reporter) api.InstallEvidence
}

// Erasure is the work on the drives of one order.
type Erasure interface {
	// Drive does all of the work on one of the drives. It is called once for
	// each of them, at the same time.
	Drive(ctx context.Context, i int) erase.Result
}

// Link is the connection to the controller.
type Link interface {
	Report(api.Report)
	Progress(api.Progress)
	// Flush waits until all reports are on the controller's disk.
	Flush(ctx context.Context) error
}

// Screen shows a view. It does not block.
type Screen interface {
	Show(console.View)
}

// Journal remembers beyond a crash of the agent what it was working on.
type Journal interface {
	// Begin is called before the first destructive command.
	Begin(Unfinished) error
	// End is called when the evidence of the work is on the controller's disk.
	End() error
}

// Unfinished is work that had begun.
type Unfinished struct {
	Job     string         `json:"job"`
	Drives  []api.Drive    `json:"drives"`            // being erased, or installed on
	Install *InstallTarget `json:"install,omitempty"` // nil for an erasure
}

// InstallTarget names what was being installed.
type InstallTarget struct {
	Image          string `json:"image"`
	ManifestSHA256 string `json:"manifest_sha256"`
}

// Config is what an Agent needs.
type Config struct {
	Machine Machine
	Steps   Steps
	Screen  Screen
	Journal Journal
	// Keys receives once for each key pressed on the bench.
	Keys <-chan struct{}
	// Elapsed is the time since the agent started; it never goes back.
	Elapsed func() time.Duration
	Log     *slog.Logger
}

// Agent follows orders. It is the link's Registrar and Listener.
type Agent struct {
	Config
	link    Link
	orders  *mailbox
	display *display
	stock   stock
	seeds   *seeds
	did     did
	// registrations counts the sessions that were opened.
	registrations atomic.Uint64
}

// New returns an agent; Connect must be called before Run.
func New(c Config) *Agent {
	return &Agent{Config: c, orders: newMailbox(), display: newDisplay(c.Screen), seeds: newSeeds()}
}

// Connect gives the agent its link, which in turn needs the agent.
func (a *Agent) Connect(l Link) { a.link = l }

// report queues a report with the agent's time.
func (a *Agent) report(r api.Report) {
	r.AtMillis = a.Elapsed().Milliseconds()
	a.link.Report(r)
}
