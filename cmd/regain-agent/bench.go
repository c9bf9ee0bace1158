package main

import (
	"context"
	"sync"
	"time"

	"regain.example/agent/api"
	"regain.example/agent/drive"
	"regain.example/agent/erase"
	"regain.example/agent/firmware"
	"regain.example/agent/install"
	"regain.example/agent/inventory"
	"regain.example/agent/run"
	"regain.example/agent/step"
	"regain.example/agent/stick"
	"regain.example/agent/system"
)

// bench is this machine and what is done to it.
type bench struct {
	mac     string // that the firmware booted through
	host    *drive.Host
	stick   *stick.Finder
	elapsed func() time.Duration

	mu       sync.Mutex
	firmware api.Firmware
}

// Inventory takes stock of the machine.
func (b *bench) Inventory(context.Context) (api.Inventory, error) {
	inv, err := inventory.Local().Take(inventory.Boot{MAC: b.mac, AgentVersion: version})
	if err != nil {
		return api.Inventory{}, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.stick.Mark(inv.Drives); err != nil {
		return api.Inventory{}, err
	}
	b.firmware = inv.Firmware
	return inv, nil
}

// Erasure prepares the erasure of the drives of one order.
func (b *bench) Erasure(work []erase.Work, j erase.Journaler, r step.Reporter) run.Erasure {
	return erase.New(erase.Config{Drives: b.host, Facts: b.host, Journal: j, Report: r, Elapsed: b.elapsed}, work)
}

// Install installs an image on one drive.
func (b *bench) Install(ctx context.Context, d api.Drive, o api.InstallOrder, zeroRead bool, r step.Reporter) api.InstallEvidence {
	b.mu.Lock()
	kind := b.firmware
	b.mu.Unlock()
	return install.Run(ctx, install.Job{
		Order: o, Drive: d, Firmware: kind, ZeroRead: zeroRead,
		Open: b.host.Open, PutFirst: firmware.PutFirst, Client: install.NewClient(), Reporter: r,
	})
}

// Restart restarts the machine.
func (b *bench) Restart() error { return system.Restart() }

// PowerOff switches the machine off.
func (b *bench) PowerOff() error { return system.PowerOff() }
