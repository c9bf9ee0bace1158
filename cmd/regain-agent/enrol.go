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
	"regain.example/agent/enrol"
	"regain.example/agent/network"
	"regain.example/agent/system"
)

// enrolFile keeps the code of this boot for an agent that is started again.
const enrolFile = system.Run + "/enrol"

// find connects a machine that was started from a stick: it looks for the
// controller on every interface, and draws the code of this boot, or takes the one
// that was drawn before a crash. It fills in params.
func find(ctx context.Context, params *cmdline.Params, settled <-chan struct{}, screen *console.Console, log *slog.Logger) (enrol.Code, error) {
	screen.Show(console.View{Title: "Looking for the controller"})
	<-settled // the right interface may be one of USB
	nic := network.New("", log)
	tell := trouble("No controller", screen, log)
	found, err := nic.Find(ctx, tell)
	if err != nil {
		return enrol.Code{}, err
	}
	log.Info("network is up", "interface", nic.Interface, "address", found.Lease.ACK.YourIPAddr.String(), "controller", found.Controller)
	go keep(ctx, nic, found.Lease, log)
	code, err := enrol.Load(enrolFile)
	if errors.Is(err, os.ErrNotExist) {
		code, err = draw(ctx, found.Controller, tell)
	}
	params.Controller, params.Pin, params.MAC = code.Controller, code.Pin, found.MAC
	return code, err
}

// draw draws the code of this boot once the controller has shown its key.
func draw(ctx context.Context, controller string, tell func(error)) (enrol.Code, error) {
	for {
		ask, cancel := context.WithTimeout(ctx, 20*time.Second)
		pin, err := enrol.Pin(ask, controller)
		cancel()
		if err == nil {
			code := enrol.Draw(controller, pin)
			return code, code.Save(enrolFile)
		}
		tell(fmt.Errorf("%s does not answer: %w", controller, err))
		select {
		case <-ctx.Done():
			return enrol.Code{}, ctx.Err()
		case <-time.After(2 * time.Second):
		}
	}
}
