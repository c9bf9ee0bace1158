package httpboot

import (
	"errors"
	"net"
	"net/http"

	"regain.example/boot"
)

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
		if c, known := h.machines.Client(remote(r)); known {
			s := boot.Sighting{Client: c, Stage: stage, Chain: boot.ChainIPXE, File: name}
			h.served(w, r, s, info.Size())
		}
	}
}

// served reports what came of a fetch, and whether the client now has the last of
// the file's size bytes.
func (h *Handler) served(w *recorder, r *http.Request, s boot.Sighting, size int64) bool {
	log := h.log.With("machine", s.Client.MAC.String(), "file", s.File, "bytes", w.sent)
	switch {
	case w.complete(size):
		log.Info("boot file sent")
		h.observer.Observe(s)
		return true
	case w.err != nil && !errors.Is(w.err, net.ErrClosed): // closed is by this server's own end
		log.Warn("boot file broken off", "err", w.err)
		s.Stage, s.Detail = boot.StageBroken, w.err.Error()
		h.observer.Observe(s)
	}
	return false
}
