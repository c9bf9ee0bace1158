// Package mainjob runs Regain's main job on a virtual bench, with real parts at
// every step: a machine whose drives are full of old data is network-booted,
// wiped, reimaged, and boots its new system. The host looks at the raw drive
// files before the new system first runs. The demo and the tests share it.
package mainjob

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"regain.example/agent/api"
	"regain.example/cmd/internal/oracle"
	"regain.example/cmd/internal/vbench"
	"regain.example/imager"
)

// Config says where the parts are.
type Config struct {
	Firmware vbench.Firmware
	Build    string // directory of what make built
	Out      string // directory for the record, the screens and the logs
	// Again starts the finished machine once more, from the network first.
	Again bool
	// Step is told what happens, View how the machine stands.
	Step func(format string, args ...any)
	View func(imager.View)
}

// profile is what is done to the machine.
const profile = `
[[profile]]
name = "main"
title = "Erase, then Debian 12"
image = "debian12"
hostname = "pc-{number}"
verify = "full"
countdown_seconds = 5
`

const image = "debian12"

// The drives of the machine. The second is no multiple of 4 MiB, and of 1 MiB.
const (
	systemBytes = 2560 << 20
	secondBytes = 160<<20 + 7*512
)

type run struct {
	cfg       Config
	dir       string
	wire      *vbench.Wire
	appliance *vbench.Appliance
	machine   *vbench.Machine
	drives    []vbench.Drive
	sum       *Summary
}

// Run does it all. The summary holds what was seen, also where an error ended the
// story. Nothing is left but the files in Out.
func Run(ctx context.Context, cfg Config) (sum Summary, err error) {
	sum = Summary{Firmware: string(cfg.Firmware), Began: time.Now().UTC()}
	if cfg.Build, err = filepath.Abs(cfg.Build); err != nil {
		return sum, err
	}
	if err := os.MkdirAll(cfg.Out, 0o755); err != nil {
		return sum, err
	}
	dir, err := vbench.NewDir(cfg.Build)
	if err != nil {
		return sum, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	wire, err := vbench.NewWire()
	if err != nil {
		return sum, err
	}
	defer func() { err = errors.Join(err, wire.Close()) }()
	r := &run{cfg: cfg, dir: dir, wire: wire, sum: &sum}
	defer r.keepLogs()
	for _, step := range []func(context.Context) error{
		r.prepare, r.boot, r.work, r.lookAtDrives, r.firstBoot, r.again, r.record,
	} {
		if err := step(ctx); err != nil {
			return sum, err
		}
	}
	sum.Seconds = time.Since(sum.Began).Seconds()
	return sum, nil
}

// prepare fills the drives and starts the controller.
func (r *run) prepare(ctx context.Context) error {
	r.cfg.Step("filling the drives of a second-hand computer with old data")
	r.drives = []vbench.Drive{
		{Bus: vbench.NVMe, Serial: "NVME-0001", Path: filepath.Join(r.dir, "nvme.raw")},
		{Bus: vbench.SATA, Serial: "SATA-0002", Model: "OLD-SATA", Path: filepath.Join(r.dir, "sata.raw")},
	}
	for i, size := range []int64{systemBytes, secondBytes} {
		if err := oracle.Fill(r.drives[i].Path, size, r.drives[i].Serial, nil); err != nil {
			return err
		}
	}
	r.cfg.Step("starting the appliance")
	build := r.cfg.Build
	appliance, err := r.wire.NewAppliance(vbench.ApplianceConfig{
		Binary: filepath.Join(build, "regain"), BootDir: filepath.Join(build, "boot"),
		Master: filepath.Join(build, "master"), Dir: filepath.Join(r.dir, "appliance"), Settings: profile,
		Kernel: "quiet",
	})
	if err != nil {
		return err
	}
	r.appliance = appliance
	if err := r.appliance.Start(ctx); err != nil {
		return err
	}
	r.cfg.Step("progress page: %s", r.appliance.URL())
	if link := r.appliance.Welcome(); link != "" {
		r.cfg.Step("make an account for it at %s", link)
	}
	return nil
}

// boot powers the machine on and waits until its agent has registered.
func (r *run) boot(ctx context.Context) (err error) {
	r.machine, err = r.wire.NewMachine(vbench.Config{
		Name: "bench-1", Dir: filepath.Join(r.dir, "bench-1"), Firmware: r.cfg.Firmware, Drives: r.drives,
		UUID: "7c9e6679-7425-40de-944b-e07fc1f90ae7", Manufacturer: "Regain", Product: "Virtual Bench", Serial: "VB-0001",
	})
	if err != nil {
		return err
	}
	r.cfg.Step("powering on: %s firmware, network first", r.cfg.Firmware)
	began := time.Now()
	if err := r.machine.PowerOn(vbench.Start{NetworkFirst: true, HoldReboot: true}); err != nil {
		return err
	}
	view, err := r.appliance.AwaitView(ctx, 1, "registers", func(v imager.View) bool { return v.Machine.Number == 1 && v.Online }, r.cfg.View)
	if err != nil {
		return err
	}
	r.sum.phase("power-on to registration", "", time.Since(began), 0)
	r.screen("waiting")
	for _, d := range view.Machine.Inventory.Drives {
		r.cfg.Step("found %s %s, serial %s, %.1f GB", d.Bus, d.Model, d.Serial, float64(d.SizeBytes)/1e9)
	}
	r.cfg.Step("approving machine 1 with these drives, by name")
	_, err = r.appliance.Approve(ctx, view, "main")
	return err
}

// work follows the machine until it wants to restart into its new system.
func (r *run) work(ctx context.Context) error {
	shot := map[string]bool{}
	_, err := r.appliance.AwaitState(ctx, 1, func(v imager.View) {
		r.cfg.View(v)
		if p := v.Progress; p != nil && len(p.Drives) > 0 && p.Drives[0].Done > 0 {
			if name := string(p.Drives[0].Phase); !shot[name] {
				shot[name] = true
				r.screen(name)
			}
		}
	}, imager.JobInstalled)
	if err != nil {
		r.screen("failed")
		return err
	}
	time.Sleep(2 * time.Second) // for the verdict to be drawn
	r.screen("verdict")
	return r.machine.AwaitOff(ctx)
}

// firstBoot starts the installed system and waits for its call. BIOS firmware is
// asked to try the network first once more: the machine must start its own disk
// all the same. UEFI firmware goes by the boot order that the agent has set.
func (r *run) firstBoot(ctx context.Context) error {
	r.cfg.Step("powering on again: the machine boots its own disk")
	began := time.Now()
	if err := r.machine.PowerOn(vbench.Start{NetworkFirst: r.cfg.Firmware == vbench.BIOS}); err != nil {
		return err
	}
	view, err := r.appliance.AwaitState(ctx, 1, r.cfg.View, imager.JobDone)
	if err != nil {
		r.screen("no-first-boot")
		return err
	}
	r.sum.phase("power-on to first-boot call", "", time.Since(began), 0)
	r.sum.FirstBoot = view.Job.FirstBoot
	r.screen("installed")
	return nil
}

// again starts the finished machine from the network first, as firmware does that
// never learns: it must come to its own system all the same, and not to the agent.
func (r *run) again(ctx context.Context) error {
	if !r.cfg.Again {
		return nil
	}
	r.cfg.Step("powering on once more, network first")
	r.machine.PowerCut()
	if err := os.Truncate(r.machine.Console(), 0); err != nil {
		return err
	}
	began := time.Now()
	if err := r.machine.PowerOn(vbench.Start{NetworkFirst: true}); err != nil {
		return err
	}
	if err := r.machine.AwaitConsole(ctx, "Booting `Debian'"); err != nil {
		return err
	}
	r.sum.phase("network first to own boot loader", "", time.Since(began), 0)
	return nil
}

// screen keeps what the machine's own screen shows.
func (r *run) screen(name string) {
	path := filepath.Join(r.cfg.Out, fmt.Sprintf("screen-%s-%s.png", r.cfg.Firmware, name))
	if err := r.machine.Screenshot(path); err != nil {
		r.cfg.Step("no picture of the screen (%s): %v", name, err)
	}
}

// jobPhases takes the timed phases over from the job's record.
func (r *run) jobPhases(j *imager.Job) {
	names := map[api.DriveID]string{}
	for _, d := range j.Drives {
		names[d.ID] = d.Drive.Serial
	}
	for _, p := range j.Phases {
		r.sum.phase(string(p.Phase), names[p.Drive], time.Duration(p.Millis)*time.Millisecond, p.Bytes)
	}
}
