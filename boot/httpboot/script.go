package httpboot

import (
	"io"
	"net/http"
	"strings"

	"regain.example/boot"
)

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
	d := h.decide(r.Context(), c)
	h.log.Info("boot script", "machine", c.MAC.String(), "arch", c.Arch.String(), "action", int(d.Action), "reason", d.Reason)
	h.give(w, c, d)
	s := boot.Sighting{Client: c, Stage: boot.StageScript, Chain: boot.ChainIPXE}
	h.observer.Observe(s)
	h.ends(s, d)
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
