//go:build bench

// Package boot measures the time from power-on to the agent's registration, for
// each kind of firmware, split by what the boot servers saw, next to the same chain
// with an init that does nothing.
package boot

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"regain.example/boot"
	"regain.example/cmd/internal/benchmarks/measure"
	"regain.example/cmd/internal/oracle"
	"regain.example/cmd/internal/vbench"
)

// bootTime bounds one machine's time.
const bootTime = 6 * time.Minute

// kind is a way in which machines boot.
type kind struct {
	name     string
	firmware vbench.Firmware
	http     bool
}

var kinds = []kind{
	{"BIOS", vbench.BIOS, false},
	{"UEFI", vbench.UEFI, false},
	{"Secure Boot", vbench.SecureBoot, false},
	{"HTTP Boot", vbench.UEFI, true},
	{"HTTP Boot, Secure Boot", vbench.SecureBoot, true},
}

// BenchmarkBoot prints a table: for each kind a line with the agent and one with
// the empty init. It is printed anew after each kind.
func BenchmarkBoot(b *testing.B) {
	measure.Root(b)
	agent := built(b, "boot")
	empty := emptied(b, agent)
	var lines []line
	for _, k := range kinds {
		var with, without times
		b.Run(k.name+"/agent", func(b *testing.B) { with = k.run(b, agent, registered) })
		b.Run(k.name+"/empty", func(b *testing.B) { without = k.run(b, empty, said) })
		if with.whole() && without.whole() { // else it has failed, and the others are told
			lines = append(lines, line{k.name, "agent", with, without}, line{k.name, "empty init", without, without})
			show(lines)
		}
	}
}

// bench is one machine on a wire with a controller.
type bench struct {
	controller *vbench.Appliance
	machine    *vbench.Machine
}

// registered waits until the agent has registered.
func registered(ctx context.Context, n bench) error {
	for {
		views, err := n.controller.Client().Machines(ctx)
		if err == nil && len(views) > 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for the registration: %w (%w)", ctx.Err(), err)
		case <-time.After(look):
		}
	}
}

// said waits until the empty init has said that it runs.
func said(ctx context.Context, n bench) error { return n.machine.AwaitConsole(ctx, emptyInit) }

// run boots one machine of kind k from the boot directory dir, until end returns.
func (k kind) run(b *testing.B, dir string, end func(context.Context, bench) error) times {
	ctx, cancel := context.WithTimeout(b.Context(), bootTime)
	defer cancel()
	wire, err := vbench.NewWire()
	if err != nil {
		b.Fatal(err)
	}
	defer wire.Close()
	at := b.TempDir()
	a, err := wire.NewAppliance(vbench.ApplianceConfig{
		Binary: built(b, "regain"), Dir: filepath.Join(at, "appliance"), BootDir: dir, Kernel: "quiet",
	})
	if err != nil {
		b.Fatal(err)
	}
	defer a.Close()
	if err := a.Start(ctx); err != nil {
		b.Fatal(err)
	}
	disk := filepath.Join(at, "disk.raw")
	if err := oracle.Fill(disk, 8<<20, "ONLY-1", nil); err != nil {
		b.Fatal(err)
	}
	m, err := wire.NewMachine(vbench.Config{
		Name: strings.ReplaceAll(strings.ToLower(k.name), ", ", "-"), Dir: filepath.Join(at, "machine"),
		Firmware: k.firmware, HTTPBoot: k.http,
		Drives: []vbench.Drive{{Bus: vbench.SATA, Serial: "ONLY-1", Model: "DRIVE", Path: disk}},
	})
	if err != nil {
		b.Fatal(err)
	}
	seen := times{began: time.Now(), at: map[boot.Stage]time.Time{}}
	if err := m.PowerOn(vbench.Start{NetworkFirst: true}); err != nil {
		b.Fatal(err)
	}
	defer m.PowerCut()
	following, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() { defer close(done); seen.follow(following, a, m.MAC()) }()
	err = end(ctx, bench{a, m})
	ended := time.Now()
	stop()
	<-done
	if err != nil {
		log, _ := os.ReadFile(a.Log())
		b.Fatalf("%v; the controller's log:\n%s", err, log)
	}
	seen.end = ended
	return seen
}

// line is one of the table.
type line struct {
	kind, what  string
	times, peer times
}

// show prints the table to standard output. Each column is the time since the one
// before; a stage that a chain has not is left empty.
func show(lines []line) {
	fmt.Printf("\nPower-on to registration, in seconds; load %s\n", measure.Load())
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprint(w, "firmware\tinit")
	for _, s := range stages {
		fmt.Fprintf(w, "\t%s", s)
	}
	fmt.Fprintln(w, "\tinit runs, or registration\ttotal\tto the empty init's")
	for _, l := range lines {
		fmt.Fprintf(w, "%s\t%s", l.kind, l.what)
		last := l.times.began
		for _, s := range stages {
			at, ok := l.times.at[s]
			if !ok {
				fmt.Fprint(w, "\t")
				continue
			}
			fmt.Fprintf(w, "\t%.1f", at.Sub(last).Seconds())
			last = at
		}
		fmt.Fprintf(w, "\t%.1f\t%.1f\t%.2f\n", l.times.end.Sub(last).Seconds(), l.times.total(), l.times.total()/l.peer.total())
	}
	w.Flush()
}
