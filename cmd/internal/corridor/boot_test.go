package corridor

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync/atomic"
	"time"

	"regain.example/agent/api"
	"regain.example/agent/api/cmdline"
	"regain.example/agent/console"
	"regain.example/agent/erase"
	"regain.example/agent/link"
	"regain.example/agent/run"
	"regain.example/agent/step"
	"regain.example/imager/control"
)

// boot is one start of the machine, from the boot server's decision to the end of
// its power.
type boot struct {
	w     *workshop
	power context.CancelFunc
	ended chan struct{}
	view  atomic.Pointer[console.View] // on its screen
}

// on starts the machine with a new agent.
func (w *workshop) on() *boot {
	w.t.Helper()
	w.machine.PowerOn()
	w.boots++
	d, err := w.control().BootDecision(w.t.Context(), control.BootClient{MAC: mac, UUID: uuid})
	if err != nil || d.Action != control.BootAgent {
		w.t.Fatalf("boot decision is %+v, %v", d, err)
	}
	pin := sha256.Sum256(w.server.Certificate().RawSubjectPublicKeyInfo)
	params := cmdline.Params{Controller: w.server.URL, Pin: base64.RawURLEncoding.EncodeToString(pin[:]), Token: d.Token, MAC: mac}
	return w.run(params, func(*link.Options, *run.Agent) error { return nil })
}

// run starts the agent with these parameters, and with what more changes.
func (w *workshop) run(params cmdline.Params, more func(*link.Options, *run.Agent) error) *boot {
	w.t.Helper()
	ctx, cancel := context.WithCancel(w.t.Context())
	b := &boot{w: w, power: cancel, ended: make(chan struct{})}
	w.machine.OnCut = cancel
	go func() {
		defer close(b.ended)
		if err := b.agent(ctx, params, more); err != nil && ctx.Err() == nil {
			w.t.Errorf("boot %d: %v", w.boots, err)
		}
	}()
	w.t.Cleanup(b.off)
	return b
}

// off cuts the power, and returns when nothing of this boot runs any more.
func (b *boot) off() {
	b.w.machine.PowerCut()
	b.power()
	<-b.ended
}

func (b *boot) agent(ctx context.Context, params cmdline.Params, more func(*link.Options, *run.Agent) error) error {
	began := time.Now()
	elapsed := func() time.Duration { return time.Since(began) }
	a := run.New(run.Config{
		Machine: hardware{b}, Steps: steps{b, elapsed}, Screen: b,
		Journal: run.FileJournal(filepath.Join(b.w.t.TempDir(), "unfinished")),
		Elapsed: elapsed, Log: slog.New(slog.DiscardHandler),
	})
	if err := a.Begin(ctx); err != nil {
		return err
	}
	options := link.Options{
		Params: params, Nonce: fmt.Sprintf("%032x", b.w.boots),
		Registrar: a, Listener: a, Log: slog.New(slog.DiscardHandler),
	}
	if err := more(&options, a); err != nil {
		return err
	}
	l, err := link.New(options)
	if err != nil {
		return err
	}
	a.Connect(l)
	return a.Follow(ctx, l.Run)
}

type hardware struct{ b *boot }

func (h hardware) Inventory(context.Context) (api.Inventory, error) {
	return inventory(h.b.w.machine), nil
}
func (hardware) Restart() error  { return nil }
func (hardware) PowerOff() error { return nil }

// Show is the machine's screen.
func (b *boot) Show(v console.View) { b.view.Store(&v) }

// steps are the real erasure, and an installation that writes one block.
type steps struct {
	b       *boot
	elapsed func() time.Duration
}

func (s steps) Erasure(work []erase.Work, j erase.Journaler, r step.Reporter) run.Erasure {
	m := s.b.w.machine
	return erase.New(erase.Config{Drives: m, Facts: m, Journal: j, Report: r, Elapsed: s.elapsed}, work)
}

func (s steps) Install(_ context.Context, d api.Drive, o api.InstallOrder, _ bool, _ step.Reporter) api.InstallEvidence {
	ev := api.InstallEvidence{Drive: o.Drive, Image: o.Image, ManifestSHA256: o.ManifestSHA256, FramesTotal: 3, FramesWritten: 3, Flushed: true, FramesVerified: 3}
	err := s.b.w.put(d, "an image")
	if err == nil && s.b.w.failInstall.Load() {
		err = errors.New("the image server is gone")
	}
	if err != nil {
		ev.Error = err.Error()
	}
	return ev
}
