package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"regain.example/agent/api/cmdline"
	"regain.example/agent/console"
	"regain.example/agent/drive"
	"regain.example/agent/link"
	"regain.example/agent/modules"
	"regain.example/agent/network"
	"regain.example/agent/run"
	"regain.example/agent/system"
)

// settleTime without a new device means that all have shown themselves: USB
// disks need a second or two.
const settleTime = 2500 * time.Millisecond

// agent does the work of one boot. It returns only on an error that starting
// again may mend.
func agent() error {
	ctx := context.Background()
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	line, err := system.CommandLine()
	if err != nil {
		return err
	}
	screen := console.Open(line)
	screen.Show(console.View{Title: "Starting"})
	params, err := cmdline.Parse(line)
	if err != nil {
		screen.Show(console.View{Mood: console.Red, Title: "Not started by Regain", Message: console.Sentence(err)})
		select {}
	}
	settled, err := devices(ctx, log)
	if err != nil {
		return err
	}
	nic := network.New(params.MAC, log)
	if err := connect(ctx, nic, settled, screen, log); err != nil {
		return err
	}
	<-settled
	return story(ctx, params, screen, log)
}

// devices loads the modules of what is there and of what will be, and returns
// a channel that is closed when no more devices turn up.
func devices(ctx context.Context, log *slog.Logger) (<-chan struct{}, error) {
	release, err := system.Release()
	if err != nil {
		return nil, err
	}
	loader, err := modules.New(release)
	if err != nil {
		return nil, fmt.Errorf("find modules: %w", err)
	}
	if system.BootedByUEFI() {
		if err := errors.Join(loader.Always(), system.MountEFI()); err != nil {
			log.Warn("firmware variables", "err", err)
		}
	}
	settled := make(chan struct{})
	go func() {
		if err := loader.Watch(ctx, log, settleTime, settled); err != nil {
			log.Error("watch for devices", "err", err)
		}
	}()
	return settled, nil
}

// connect gets the machine its address and keeps it.
func connect(ctx context.Context, nic *network.Network, settled <-chan struct{}, screen *console.Console, log *slog.Logger) error {
	screen.Show(console.View{Title: "Connecting"})
	lease, err := nic.Up(ctx, func(err error) {
		select {
		case <-settled:
		default:
			return // drivers are still being loaded
		}
		log.Warn("no network yet", "err", err)
		screen.Show(console.View{Mood: console.Caution, Title: "No network", Message: console.Sentence(err) + " Trying again."})
	})
	if err != nil {
		return err
	}
	log.Info("network is up", "interface", nic.Interface, "address", lease.ACK.YourIPAddr.String())
	go func() {
		if err := nic.Keep(ctx, lease); err != nil {
			log.Error("keep the address", "err", err)
		}
	}()
	return nil
}

// story follows the controller's orders to the end.
func story(ctx context.Context, params cmdline.Params, screen *console.Console, log *slog.Logger) error {
	journal := run.FileJournal(journalFile)
	began := time.Now()
	elapsed := func() time.Duration { return time.Since(began) }
	b := &bench{mac: params.MAC, host: drive.Local(), elapsed: elapsed}
	a := run.New(run.Config{
		Machine: b, Steps: b, Screen: screen, Journal: journal,
		Keys: console.Keys(), Elapsed: elapsed, Log: log,
	})
	if err := a.Begin(ctx); err != nil {
		return err
	}
	crash, again := lastCrash()
	l, err := link.New(link.Options{
		Params: params, Nonce: os.Getenv(nonceVariable), Again: again,
		Registrar: a, Listener: a, Log: log,
	})
	if err != nil {
		return err
	}
	a.Connect(l)
	left, err := journal.Left()
	if err != nil {
		return err
	}
	a.Recover(left, crash)
	if err := a.Follow(ctx, l.Run); err != nil {
		log.Error("the controller stopped this machine", "err", err)
	}
	select {} // the machine restarts, or shows what a person has to do
}

// lastCrash returns how an earlier agent of this boot ended, and whether one did.
func lastCrash() (string, bool) {
	data, err := os.ReadFile(crashFile)
	return string(data), err == nil
}
