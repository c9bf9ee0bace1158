// Package boottest has the neighbours of the boot servers as tests need them:
// working ones, in memory.
package boottest

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"sync"
	"testing"

	"regain.example/boot"
)

// Decider decides by calling itself.
type Decider func(c boot.Client) (boot.Decision, error)

// Decide implements boot.Decider.
func (d Decider) Decide(_ context.Context, c boot.Client) (boot.Decision, error) { return d(c) }

// Always returns a Decider with one answer.
func Always(d boot.Decision) Decider {
	return func(boot.Client) (boot.Decision, error) { return d, nil }
}

// Recorder is an Observer and a Meter that remembers.
type Recorder struct {
	mu     sync.Mutex
	all    []boot.Sighting
	stages []string
	counts []string
	rivals []netip.Addr
}

// Observe implements boot.Observer.
func (r *Recorder) Observe(s boot.Sighting) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = append(r.all, s)
	r.stages = append(r.stages, fmt.Sprintf("%s %s", s.Client.MAC, s.Stage))
}

// Rivals implements boot.Observer.
func (r *Recorder) Rivals(servers []netip.Addr) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.rivals = slices.Clone(servers)
}

// LastRivals returns what Rivals was told last.
func (r *Recorder) LastRivals() []netip.Addr {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.rivals)
}

// DHCP implements boot.Meter.
func (r *Recorder) DHCP(message string) { r.count("dhcp " + message) }

// TFTP implements boot.Meter.
func (r *Recorder) TFTP(result string, bytes int64) {
	r.count(fmt.Sprintf("tftp %s %d", result, bytes))
}

// HTTP implements boot.Meter.
func (r *Recorder) HTTP(kind string, status int, bytes int64) {
	r.count(fmt.Sprintf("http %s %d %d", kind, status, bytes))
}

func (r *Recorder) count(s string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.counts = append(r.counts, s)
}

// Stages returns "MAC stage" for each stage observed.
func (r *Recorder) Stages() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.stages)
}

// Sightings returns all that was observed.
func (r *Recorder) Sightings() []boot.Sighting {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.all)
}

// Counts returns what was counted, "dhcp offer", "tftp ok 3", "http kernel 200 5".
func (r *Recorder) Counts() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.counts)
}

// Machines knows the machines in it.
type Machines map[netip.Addr]boot.Client

// Client implements boot.Machines.
func (m Machines) Client(a netip.Addr) (boot.Client, bool) {
	c, ok := m[a]
	return c, ok
}

// Log returns a logger that writes to the test's log.
func Log(t testing.TB) *slog.Logger {
	return slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// Learn keeps what was learned of a machine.
func (m Machines) Learn(c boot.Client) { m[c.Addr] = c }
