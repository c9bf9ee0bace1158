// Package httpboot serves what boot loaders fetch by HTTP: the scripts, the
// disk image and the loader for UEFI's HTTP Boot, kernel, initramfs and the frames
// of master images. It is the bench's side: nothing for people is served here.
package httpboot

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"os"
	"time"

	"regain.example/boot"
	"regain.example/boot/esp"
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
	template *esp.Template
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
	// Template is what HTTP Boot's disk images are made from.
	Template *esp.Template
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
		root: c.Root, scripts: c.Scripts, agent: c.Agent, template: c.Template, machines: c.Machines,
		decider: c.Decider, observer: c.Observer, meter: c.Meter, log: c.Log, mux: http.NewServeMux(),
	}
	h.mux.Handle("GET /boot.ipxe", h.count("script", h.script))
	h.mux.Handle("GET /boot/"+esp.File, h.count("image", h.image))
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

// decide asks what c boots. A machine is told that there is no answer, too.
func (h *Handler) decide(ctx context.Context, c boot.Client) boot.Decision {
	ctx, cancel := context.WithTimeout(ctx, decideTime)
	defer cancel()
	d, err := h.decider.Decide(ctx, c)
	if err != nil {
		h.log.Error("decision on what to boot", "machine", c.MAC.String(), "err", err)
		return boot.Undecided()
	}
	return d
}

func remote(r *http.Request) netip.Addr {
	a, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return a.Addr().Unmap()
}
