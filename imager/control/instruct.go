package control

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"

	"regain.example/agent/api"
	"regain.example/imager"
	"regain.example/imager/verdict"
	"regain.example/images/manifest"
)

// settle gives the session's order a new revision if it is another one now.
func (c *Controller) settle(w *work) error {
	if w.s == nil || w.s.Stopped != "" {
		return nil
	}
	order, err := c.order(w)
	if err != nil {
		return err
	}
	text, err := json.Marshal(order)
	if err != nil {
		return fmt.Errorf("order of machine %d: %w", w.m.Number, err)
	}
	if sum := sha256.Sum256(text); !bytes.Equal(sum[:], w.s.Order) {
		w.s.Order, w.s.Revision, w.dirty = sum[:], w.s.Revision+1, true
	}
	return nil
}

// order is what the session that speaks for the machine should do; its revision
// is not set. It depends on the records and the clock only.
func (c *Controller) order(w *work) (api.Order, error) {
	o, err := c.unsigned(w)
	if w.s.Enrol != nil {
		o.Proof = w.s.Enrol.Answer
		pullOut(&o)
	}
	return o, err
}

// unsigned is the order without the proof that an enrolled agent asks for.
func (c *Controller) unsigned(w *work) (api.Order, error) {
	wait := func(message string) (api.Order, error) {
		return api.Order{Kind: api.OrderWait, Machine: label(w.m), Message: message}, nil
	}
	j := w.j
	switch {
	case w.m.Halted != "":
		return wait("All work on it is stopped: " + w.m.Halted + ". It waits until an operator looks at it and releases it on the page.")
	case w.unproven():
		return wait(codeMessage(w))
	case j == nil:
		return wait(awaitsApproval)
	case j.Stopping != "" && j.Session == w.s.ID:
		return api.Order{Kind: api.OrderStop, Machine: label(w.m), Message: j.Stopping}, nil
	case w.now.Before(w.s.Quiet) && !j.State.Ended():
		return wait("another session of this machine was heard a moment ago: waiting until it is silent")
	}
	mine := j.Session == w.s.ID
	if mine && works(j.State) {
		if j.State == imager.JobErasing || anyRechecking(j, w.s.ID) {
			return api.Order{Kind: api.OrderErase, Machine: label(w.m), Erase: eraseOrder(j)}, nil
		}
		if j.State == imager.JobInstalling && j.Installing == w.s.ID {
			install, err := c.installOrder(j)
			return api.Order{Kind: api.OrderInstall, Machine: label(w.m), Install: install}, err
		}
	}
	switch j.State {
	case imager.JobApproved, imager.JobAccepted, imager.JobErasing, imager.JobInstalling:
		return wait("approved; the next order comes at once")
	}
	if end := endOf(w.m, j, mine); end != nil {
		return api.Order{Kind: api.OrderEnd, Machine: label(w.m), End: end}, nil
	}
	return wait(waitingAfter(j))
}

// works reports whether the agent may be at work on a job in this state.
func works(s imager.JobState) bool {
	return s == imager.JobErasing || s == imager.JobAccepted || s == imager.JobInstalling
}

func eraseOrder(j *imager.Job) *api.EraseOrder {
	o := &api.EraseOrder{Job: j.ID}
	for _, d := range j.Drives {
		do := driveOrder(j, d)
		if !do.Accepted {
			o.CountdownSeconds = j.Profile.CountdownSeconds
		}
		o.Drives = append(o.Drives, do)
	}
	for _, l := range j.Left {
		if l.Drive.Excluded == "" {
			o.Drives = append(o.Drives, api.DriveOrder{Drive: l.Drive.ID(), Leave: l.Why})
		}
	}
	return o
}

// driveOrder is the work on one drive. The seed of its samples is in it only once
// the completion is on record, or for a fresh sampling.
func driveOrder(j *imager.Job, d *imager.JobDrive) api.DriveOrder {
	o := api.DriveOrder{
		Drive: d.ID, Methods: d.Methods, Follow: d.Follow, Seed: d.Seed, Verify: d.Verify,
		Limits: d.Limits, Resume: d.Resumed, SampleSeed: d.SampleSeed,
	}
	if d.Outcome == imager.OutcomeErased {
		o.Accepted, o.Erased, o.Resume, o.SampleSeed = true, verdict.Erased(d.Evidence), nil, nil
	}
	if rechecking(d, j.Session) {
		o.SampleSeed = d.Recheck.Seed
	}
	return o
}

// installOrder is the same whenever it is computed for one installation.
func (c *Controller) installOrder(j *imager.Job) (*api.InstallOrder, error) {
	o := &api.InstallOrder{
		Job: j.ID, Drive: j.System, Image: j.Image.Name, BaseURL: c.cfg.ImageBaseURL,
		ManifestSHA256: j.Image.ManifestSHA256, PublicKey: j.Image.PublicKey,
	}
	if j.Image.Identity != manifest.IdentityNoCloud {
		return o, nil
	}
	in := SeedInput{InstanceID: fmt.Sprintf("%s-%d", j.ID, j.Installs), Hostname: j.Hostname}
	if j.Image.Confirm == manifest.ConfirmFirstBoot {
		in.CallToken = c.callToken(j)
	}
	seed, err := c.seed(in)
	if err != nil {
		return nil, fmt.Errorf("seed of job %s: %w", j.ID, err)
	}
	o.Seed = seed
	return o, nil
}

// callToken is the one-time token of the first boot after this installation.
func (c *Controller) callToken(j *imager.Job) string {
	subject := fmt.Sprintf("%s %d", j.ID, j.Installs)
	return j.ID + "." + base64.RawURLEncoding.EncodeToString(c.mac("first boot", subject))
}
