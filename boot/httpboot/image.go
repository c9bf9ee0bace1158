package httpboot

import (
	"net/http"
	"time"

	"regain.example/boot"
	"regain.example/boot/esp"
	"regain.example/boot/script"
)

// imageType tells UEFI's HTTP Boot that it fetches a disk image, which it starts
// from memory (UEFI 2.10 section 24.7.3; EDK2 takes the ending .img as well).
const imageType = "application/vnd.efi-img"

// image serves the disk image made for the machine that asks. It holds a token, so
// it is for the lease's machine only.
func (h *Handler) image(w *recorder, r *http.Request) {
	c, known := h.machines.Client(remote(r))
	if !known {
		h.log.Warn("boot image refused", "client", r.RemoteAddr, "err", errStranger)
		http.Error(w, errStranger.Error(), http.StatusForbidden)
		return
	}
	s := boot.Sighting{Client: c, Stage: boot.StageImage, Chain: boot.ChainImage, File: esp.File}
	var d boot.Decision
	if r.Method == http.MethodHead { // its size is the same whatever is in it
		s.Stage = boot.StageImageSize
		h.observer.Observe(s)
	} else {
		d = h.decide(r.Context(), c)
		h.log.Info("boot image", "machine", c.MAC.String(), "arch", c.Arch.String(), "action", int(d.Action), "reason", d.Reason)
	}
	config, err := script.Image(d, h.agent.Cmdline(c, d.Token))
	if err != nil {
		h.log.Error("boot image", "machine", c.MAC.String(), "err", err)
		http.Error(w, "no image", http.StatusInternalServerError)
		return
	}
	content, err := h.template.With(config)
	if err != nil {
		h.log.Error("boot image", "machine", c.MAC.String(), "err", err)
		http.Error(w, "no image", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", imageType)
	w.Header().Set("Cache-Control", "no-store") // it holds a token
	http.ServeContent(w, r, "", time.Time{}, content)
	if r.Method != http.MethodHead && h.served(w, r, s, h.template.Size()) {
		h.ends(s, d)
	}
}

// ends reports where the way to the agent ends with d.
func (h *Handler) ends(s boot.Sighting, d boot.Decision) {
	if stage := d.End(); stage != "" {
		s.Stage, s.Detail = stage, d.Reason
		h.observer.Observe(s)
	}
}
