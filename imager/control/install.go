package control

import (
	"crypto/sha256"
	"fmt"

	"regain.example/imager"
	"regain.example/imager/plan"
	"regain.example/images/manifest"
)

// beginInstall goes from accepted to installing, or says why it cannot.
func (c *Controller) beginInstall(w *work) error {
	if w.j.Image == nil {
		return w.become(actorController, imager.JobDone, "every drive is erased")
	}
	if err := c.installable(w); err != nil {
		return w.become(actorController, imager.JobInstallFailed, clean(err.Error()))
	}
	if err := w.become(actorController, imager.JobInstalling, fmt.Sprintf("the order to install %s was given", w.j.Image.Name)); err != nil {
		return err
	}
	c.orderInstall(w)
	return nil
}

// installable checks what may have changed since the approval.
func (c *Controller) installable(w *work) error {
	for _, d := range w.j.Drives {
		if d.Outcome != imager.OutcomeErased {
			return fmt.Errorf("drive %s has no accepted evidence", plan.Name(d.Drive))
		}
	}
	m, sum, key, err := c.images.Manifest(w.j.Image.Name)
	if err != nil {
		return fmt.Errorf("image %s: %w", w.j.Image.Name, err)
	}
	if sum != w.j.Image.ManifestSHA256 || key != w.j.Image.PublicKey {
		return fmt.Errorf("image %s is not the one that was approved: put it back, or approve again", m.Name)
	}
	return plan.Firmware(w.m.Inventory.Firmware, m)
}

// orderInstall makes the present session the one that installs, from the start.
func (c *Controller) orderInstall(w *work) {
	w.j.Session, w.j.Installing, w.j.Install, w.dirty = w.s.ID, w.s.ID, nil, true
	w.j.Installs++
	w.j.CallHomeHash = nil
	if w.j.Image.Confirm == manifest.ConfirmFirstBoot {
		sum := sha256.Sum256([]byte(c.callToken(w.j)))
		w.j.CallHomeHash = sum[:]
	}
}
