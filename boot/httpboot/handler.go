// Package httpboot serves what boot loaders fetch by HTTP: the scripts, the
// loader for UEFI's HTTP Boot, kernel, initramfs and the frames of images. It
// is the bench's side: nothing for people is served here.
package httpboot

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"time"

	"regain.example/boot"
	"regain.example/boot/script"
)

// decideTime bounds the question to the Decider.
const decideTime = 5 * time.Second

// Machines are the leases, which also keep what iPXE says of a machine.
type Machines interface {
	boot.Machines
	Learn(c boot.Client)
}

// Handler serves the boot files of one directory and the scripts.
type Handler struct {
	root     *os.Root
	scripts  script.Server
	agent    script.Agent
	machines Machines
	decider  boot.Decider
	observer boot.Observer
	meter    boot.Meter
	log      *slog.Logger
	mux      *http.ServeMux
}

// Config is what a Handler needs.
type Config struct {
	// Root is the boot directory.
	Root *os.Root
	// Scripts and Agent make the scripts.
	Scripts script.Server
	Agent   script.Agent
	// Images, if not nil, is served below /images/ with the prefix taken off.
	Images http.Handler

	Machines Machines
	Decider  boot.Decider
	Observer boot.Observer
	Meter    boot.Meter
	Log      *slog.Logger
}

// New returns the handler of the whole bench-side HTTP server.
func New(c Config) *Handler {
	h := &Handler{
		root: c.Root, scripts: c.Scripts, agent: c.Agent, machines: c.Machines,
		decider: c.Decider, observer: c.Observer, meter: c.Meter, log: c.Log, mux: http.NewServeMux(),
	}
	h.mux.Handle("GET /boot.ipxe", h.count("script", h.script))
	h.mux.Handle("GET /boot/"+boot.FileUEFI, h.count("loader", h.file(boot.FileUEFI, boot.StageLoader)))
	h.mux.Handle("GET /boot/"+boot.FileKernel, h.count("kernel", h.file(boot.FileKernel, boot.StageKernel)))
	h.mux.Handle("GET /boot/"+boot.FileInitramfs, h.count("initramfs", h.file(boot.FileInitramfs, boot.StageInitramfs)))
	if c.Images != nil {
		images := http.StripPrefix("/images", c.Images)
		h.mux.Handle("GET /images/", h.count("image", func(w *recorder, r *http.Request) { images.ServeHTTP(w, r) }))
	}
	h.mux.Handle("/", h.count("other", func(w *recorder, r *http.Request) { http.NotFound(w, r) }))
	return h
}

// ServeHTTP implements http.Handler.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) { h.mux.ServeHTTP(w, r) }

func (h *Handler) count(kind string, serve func(*recorder, *http.Request)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec := &recorder{ResponseWriter: w, status: http.StatusOK}
		defer func() { h.meter.HTTP(kind, rec.status, rec.sent) }()
		serve(rec, r)
	})
}

// file serves one file of the boot directory, with ranges. The stage is reached
// when its last byte was sent.
func (h *Handler) file(name string, stage boot.Stage) func(*recorder, *http.Request) {
	return func(w *recorder, r *http.Request) {
		f, err := h.root.Open(name)
		if err != nil {
			h.log.Error("boot file not opened", "err", err)
			http.Error(w, "the boot server lacks this file", http.StatusInternalServerError)
			return
		}
		defer f.Close()
		info, err := f.Stat()
		if err != nil {
			h.log.Error("boot file not opened", "err", err)
			http.Error(w, "the boot server cannot read this file", http.StatusInternalServerError)
			return
		}
		http.ServeContent(w, r, "", info.ModTime(), f)
		if c, known := h.machines.Client(remote(r)); known && w.complete(info.Size()) {
			h.log.Info("boot file sent", "machine", c.MAC.String(), "file", name, "bytes", w.sent)
			h.observer.Observe(boot.Sighting{Client: c, Stage: stage, File: name})
		}
	}
}

// script serves the entry script to a loader that has not yet introduced itself,
// and its own script to one that has.
func (h *Handler) script(w *recorder, r *http.Request) {
	if r.URL.RawQuery == "" {
		h.write(w, h.scripts.Entry())
		return
	}
	c, err := h.client(r)
	if err != nil {
		h.log.Warn("boot script refused", "client", r.RemoteAddr, "err", err)
		h.give(w, c, boot.Decision{Reason: err.Error()})
		return
	}
	h.machines.Learn(c)
	ctx, cancel := context.WithTimeout(r.Context(), decideTime)
	defer cancel()
	d, err := h.decider.Decide(ctx, c)
	if err != nil {
		h.log.Error("decision on what to boot", "machine", c.MAC.String(), "err", err)
		d = boot.Decision{Reason: "the controller cannot decide now, see its log"}
	}
	h.log.Info("boot script", "machine", c.MAC.String(), "arch", c.Arch.String(), "action", int(d.Action), "reason", d.Reason)
	h.give(w, c, d)
	h.observer.Observe(boot.Sighting{Client: c, Stage: boot.StageScript})
	if d.Action == boot.ActionLocalDisk {
		h.observer.Observe(boot.Sighting{Client: c, Stage: boot.StageLocalDisk, Detail: d.Reason})
	}
}

func (h *Handler) give(w *recorder, c boot.Client, d boot.Decision) {
	text, err := h.scripts.IPXE(d, c.Arch, h.agent.Cmdline(c, d.Token))
	if err != nil {
		h.log.Error("boot script", "machine", c.MAC.String(), "err", err)
		http.Error(w, "no script", http.StatusInternalServerError)
		return
	}
	h.write(w, text)
}

func (h *Handler) write(w *recorder, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=us-ascii")
	w.Header().Set("Cache-Control", "no-store") // it holds a token
	if _, err := io.Copy(w, strings.NewReader(text)); err != nil {
		h.log.Debug("boot script not sent", "err", err)
	}
}

func remote(r *http.Request) netip.Addr {
	a, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return a.Addr().Unmap()
}
