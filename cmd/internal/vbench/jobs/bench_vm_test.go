//go:build vm

package jobs

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"regain.example/cmd/internal/oracle"
	"regain.example/cmd/internal/vbench"
	"regain.example/imager"
)

// built is the path of what make built.
func built(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("../../../../build", name))
	if err == nil {
		_, err = os.Stat(path)
	}
	if err != nil {
		t.Fatalf("%v: run \"make build agent-image image\" first", err)
	}
	return path
}

func program(t *testing.T) string { return built(t, "regain") }

// bench is one virtual bench with a controller.
type bench struct {
	*vbench.Appliance
	t    *testing.T
	ctx  context.Context
	dir  string
	wire *vbench.Wire
}

// settings of a bench.
type settings struct {
	image  string   // of the profile "main"; "" erases only
	more   []string // further images, each with a profile of its name
	kernel string   // kernel parameters
	bench  string   // further lines of [bench]
	state  string   // a prepared state directory's images are offered
	dir    string   // of the appliance; "" for one below the bench's
	grace  time.Duration
	left   bool // leave removable drives alone
	floor  int  // MB/s below which a drive is given up; 0 for the default
}

func (s settings) profile(name, image string) string {
	return fmt.Sprintf(`
[[profile]]
name = %q
title = "Test"
image = %q
hostname = "pc-{number}"
countdown_seconds = 5
exclude_removable = %v
at_end = "stay"
limits = { min_mb_per_second = %d }
`, name, image, s.left, s.floor)
}

// newBench starts a controller on a wire of its own. Two tests run at a time:
// firmware, and much of what a machine waits for, keeps one core busy at most.
func newBench(t *testing.T, limit time.Duration, s settings) *bench {
	t.Helper()
	t.Parallel()
	if os.Getuid() != 0 {
		t.Fatal("virtual benches need root: run the tests with sudo")
	}
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	t.Cleanup(cancel)
	wire, err := vbench.NewWire()
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, ctx: ctx, dir: t.TempDir(), wire: wire}
	t.Cleanup(func() {
		if err := wire.Close(); err != nil {
			t.Error(err)
		}
	})
	if s.dir == "" {
		s.dir = filepath.Join(b.dir, "appliance")
	}
	profiles := s.profile("main", s.image)
	for _, image := range s.more {
		profiles += s.profile(image, image)
	}
	if s.grace == 0 {
		s.grace = 5 * time.Second
	}
	b.Appliance, err = wire.NewAppliance(vbench.ApplianceConfig{
		Binary: program(t), Dir: s.dir, BootDir: built(t, "boot"), Master: s.state,
		Settings: profiles, Kernel: strings.TrimSpace("quiet " + s.kernel), Grace: s.grace,
		Bench: s.bench,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		b.keepLog()
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := b.Start(ctx); err != nil {
		t.Fatal(err)
	}
	return b
}

// keepLog shows the controller's log where the test has failed.
func (b *bench) keepLog() {
	if !b.t.Failed() {
		return
	}
	text, err := os.ReadFile(b.Log())
	b.t.Logf("the controller's log (%v):\n%s", err, text)
}

// drive makes a drive full of old data.
func (b *bench) drive(bus vbench.Bus, serial string, size int64) vbench.Drive {
	b.t.Helper()
	path := filepath.Join(b.dir, serial+".raw")
	if err := oracle.Fill(path, size, serial, nil); err != nil {
		b.t.Fatal(err)
	}
	return vbench.Drive{Bus: bus, Serial: serial, Model: "DRIVE", Path: path}
}

// machine plugs a BIOS machine in; its power is off.
func (b *bench) machine(name string, drives ...vbench.Drive) *vbench.Machine {
	b.t.Helper()
	return b.plug(vbench.Config{Name: name, Drives: drives})
}

// plug fills in what a machine needs beside its peculiarities, and plugs it in,
// with a BIOS.
func (b *bench) plug(cfg vbench.Config) *vbench.Machine {
	b.t.Helper()
	return b.plugAs(vbench.BIOS, cfg)
}

// plugAs does so with the given firmware.
func (b *bench) plugAs(firmware vbench.Firmware, cfg vbench.Config) *vbench.Machine {
	b.t.Helper()
	name := cfg.Name
	cfg.Dir, cfg.Firmware = filepath.Join(b.dir, name), firmware
	cfg.UUID = fmt.Sprintf("7c9e6679-7425-40de-944b-%012x", len(name)+int(name[len(name)-1])<<8)
	cfg.Manufacturer, cfg.Product, cfg.Serial = "Regain", "Virtual Bench", "VB-"+name
	m, err := b.wire.NewMachine(cfg)
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() {
		if b.t.Failed() {
			if text, err := os.ReadFile(m.Console()); err == nil {
				b.t.Logf("the console of %s ends in:\n%s", name, text[max(0, len(text)-4000):])
			}
		}
		m.PowerCut()
	})
	return m
}

// screen keeps what the machine's own screen shows, for a person to look at.
func (b *bench) screen(m *vbench.Machine, name string) {
	b.t.Helper()
	if err := m.Screenshot(filepath.Join(b.t.ArtifactDir(), name+".png")); err != nil {
		b.t.Error(err)
	}
}

// powerOn starts the machine from the network.
func (b *bench) powerOn(m *vbench.Machine) {
	b.t.Helper()
	if err := m.PowerOn(vbench.Start{NetworkFirst: true}); err != nil {
		b.t.Fatal(err)
	}
}

// await waits until machine number is as wanted.
func (b *bench) await(number int, what string, ok func(imager.View) bool) imager.View {
	b.t.Helper()
	v, err := b.AwaitView(b.ctx, number, what, ok, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	return v
}

// registered waits for the machine's agent.
func (b *bench) registered(number int) imager.View {
	b.t.Helper()
	return b.await(number, "registers", func(v imager.View) bool { return v.Machine.Number == number && v.Online })
}

// approve approves what is there.
func (b *bench) approve(v imager.View) imager.Job {
	b.t.Helper()
	j, err := b.Approve(b.ctx, v, "main")
	if err != nil {
		b.t.Fatal(err)
	}
	return j
}

// state waits for a state of the job.
func (b *bench) state(number int, states ...imager.JobState) imager.View {
	b.t.Helper()
	v, err := b.AwaitState(b.ctx, number, nil, states...)
	if err != nil {
		b.t.Fatal(err)
	}
	return v
}

// wiped checks from the host that nothing of the old data is on the drive.
func (b *bench) wiped(d vbench.Drive) {
	b.t.Helper()
	seen, err := oracle.Scan(d.Path)
	if err != nil {
		b.t.Fatal(err)
	}
	if seen.Found > 0 {
		b.t.Errorf("%s still holds %d records of old data, the first at %v", d.Serial, seen.Found, seen.First)
	}
}

// untouched checks from the host that the drive holds all of its old data.
func (b *bench) untouched(d vbench.Drive) {
	b.t.Helper()
	seen, err := oracle.Scan(d.Path)
	if err != nil {
		b.t.Fatal(err)
	}
	if want := seen.Bytes / oracle.RecordBytes; seen.Found != want {
		b.t.Errorf("%s lost old data although nothing was to be erased: %d of %d records are left", d.Serial, seen.Found, want)
	}
}
