// Package doctor examines an appliance and says what to do. It changes nothing.
package doctor

import (
	"context"
	"net/netip"
	"time"

	"regain.example/cmd/internal/config"
)

// Level is how bad a finding is.
type Level string

// The levels.
const (
	OK   Level = "ok"
	Warn Level = "warn" // it works, but look at it
	Fail Level = "fail" // it does not work, or is not safe
)

// Finding is one line of the report.
type Finding struct {
	Level  Level  `json:"level"`
	What   string `json:"what"`             // what was examined
	Text   string `json:"text"`             // what was found
	Advice string `json:"advice,omitempty"` // what to do; "" if nothing
}

// Doctor holds what an examination needs.
type Doctor struct {
	Config config.Config
	// Running reports whether a controller answers at the admin socket: its
	// ports are then rightly in use.
	Running bool
	// Built is when this program was built; a clock before it is wrong.
	Built time.Time
	Now   func() time.Time
	// Probe asks for DHCP servers on an interface and returns those that
	// answered within its own time.
	Probe func(ctx context.Context, iface string) ([]netip.Addr, error)
}

// Examine runs every check, in the order in which to repair.
func (d *Doctor) Examine(ctx context.Context) []Finding {
	var all []Finding
	for _, check := range []func(context.Context) []Finding{
		d.clock, d.stateDir, d.space, d.bootFiles, d.images, d.iface, d.forwarding, d.ports, d.otherDHCP,
	} {
		if ctx.Err() != nil {
			return append(all, Finding{Fail, "examination", "interrupted", "run it again"})
		}
		all = append(all, check(ctx)...)
	}
	return all
}

// Worst is the worst level of the findings.
func Worst(all []Finding) Level {
	worst := OK
	for _, f := range all {
		if f.Level == Fail || (f.Level == Warn && worst == OK) {
			worst = f.Level
		}
	}
	return worst
}

func one(l Level, what, text, advice string) []Finding {
	return []Finding{{l, what, text, advice}}
}
