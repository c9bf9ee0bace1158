package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4/nclient4"

	"regain.example/agent/api/cmdline"
	"regain.example/agent/console"
	"regain.example/agent/drive"
	"regain.example/agent/enrol"
	"regain.example/agent/link"
	"regain.example/agent/modules"
	"regain.example/agent/network"
	"regain.example/agent/run"
	"regain.example/agent/stick"
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
	go system.WatchMemory(ctx, log)
	line, err := system.CommandLine()
	if err != nil {
		return err
	}
	screen := console.Open(line)
	screen.Show(console.View{Title: "Starting"})
	if have := system.Memory(); have < system.LeastMemory {
		screen.Show(console.View{Mood: console.Red, Title: "Too little memory", Message: fmt.Sprintf(
			"The system sees %d MiB and needs %d: put more memory in, or its drives into another machine. Nothing was erased.",
			have>>20, system.LeastMemory>>20)})
		return stay()
	}
	params, err := cmdline.Parse(line)
	if err != nil {
		screen.Show(console.View{Mood: console.Red, Title: "Not started by Regain", Message: console.Sentence(err)})
		return stay()
	}
	settled, err := devices(ctx, log)
	if err != nil {
		return err
	}
	var code enrol.Code
	if params.Enrols() {
		code, err = find(ctx, &params, settled, screen, log)
	} else {
		err = connect(ctx, network.New(params.MAC, log), settled, screen, log)
	}
	if err != nil {
		return err
	}
	<-settled
	return story(ctx, params, code, screen, log)
}

// stay leaves the screen as it is, and never returns. An empty select would do, if the runtime did not
// take a program in which nothing else runs for one that hangs.
func stay() error {
	for {
		time.Sleep(time.Hour)
	}
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
	tell := trouble("No network", screen, log)
	lease, err := nic.Up(ctx, settled, func(err error) {
		select {
		case <-settled:
			tell(err)
		default: // drivers are still being loaded
		}
	})
	if err != nil {
		return err
	}
	log.Info("network is up", "interface", nic.Interface, "address", lease.ACK.YourIPAddr.String())
	go keep(ctx, nic, lease, log)
	return nil
}

// trouble returns what shows an error that may pass.
func trouble(title string, screen *console.Console, log *slog.Logger) func(error) {
	return func(err error) {
		log.Warn("no connection yet", "err", err)
		screen.Show(console.View{Mood: console.Caution, Title: title, Message: console.Sentence(err) + " Trying again."})
	}
}

func keep(ctx context.Context, nic *network.Network, lease *nclient4.Lease, log *slog.Logger) {
	if err := nic.Keep(ctx, lease); err != nil {
		log.Error("keep the address", "err", err)
	}
}

// story follows the controller's orders to the end. Without a code the boot server
// started this machine, and its parameters are trusted.
func story(ctx context.Context, params cmdline.Params, code enrol.Code, screen *console.Console, log *slog.Logger) error {
	journal := run.FileJournal(journalFile)
	began := time.Now()
	elapsed := func() time.Duration { return time.Since(began) }
	b := &bench{mac: params.MAC, stick: stick.New(params.Media), host: drive.Local(), elapsed: elapsed}
	a := run.New(run.Config{
		Machine: b, Steps: b, Screen: screen, Journal: journal,
		Keys: console.Keys(), Elapsed: elapsed, Log: log,
	})
	if err := a.Begin(ctx); err != nil {
		return err
	}
	crash, again := lastCrash()
	options := link.Options{
		Params: params, Nonce: os.Getenv(nonceVariable), Again: again,
		Registrar: a, Listener: a, Log: log,
	}
	if code.Text != "" {
		gate, err := enrol.NewGate(code, a)
		if err != nil {
			return err
		}
		options.Listener, options.Enrol = gate, gate.Enrolment()
	}
	l, err := link.New(options)
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
	return stay() // the machine restarts, or shows what a person has to do
}

// lastCrash returns how an earlier agent of this boot ended, and whether one did.
func lastCrash() (string, bool) {
	data, err := os.ReadFile(crashFile)
	return string(data), err == nil
}
