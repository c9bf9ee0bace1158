package control

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"

	"regain.example/agent/api"
	"regain.example/imager"
	"regain.example/imager/plan"
)

// seedBytes is the length of a drive's seed; see api.DriveOrder.
const seedBytes = 32

// Approve begins a job: this machine, with exactly these drives, by this profile.
func (c *Controller) Approve(ctx context.Context, actor string, a imager.Approval) (imager.Job, error) {
	if a.Code != "" {
		if err := c.EnterCode(ctx, actor, a.Machine, a.Code); err != nil {
			return imager.Job{}, err
		}
	}
	var made imager.Job
	err := c.change(ctx, a.Machine, func(w *work) error {
		j, err := c.newJob(ctx, w, actor, a)
		if err != nil {
			return fmt.Errorf("approve machine %d: %w", a.Machine, err)
		}
		w.j, w.m.Job, w.m.Released = j, j.ID, false
		w.say(actor, "approved for %s: %s", j.Profile.Name, driveList(j))
		for _, l := range j.Left {
			w.say(actorController, "left alone: %s (%s)", clean(plan.Name(l.Drive)), l.Why)
		}
		made = *j
		return nil
	})
	if err != nil {
		return imager.Job{}, err
	}
	return made, nil
}

func driveList(j *imager.Job) (list string) {
	for i, d := range j.Drives {
		if i > 0 {
			list += "; "
		}
		list += clean(plan.Name(d.Drive))
	}
	return list
}

// newJob checks an approval against what is known of the machine now.
func (c *Controller) newJob(ctx context.Context, w *work, actor string, a imager.Approval) (*imager.Job, error) {
	if why := c.clock.trouble(); why != "" {
		return nil, fmt.Errorf("%w: %s: set the clock first", imager.ErrConflict, why)
	}
	if w.m.Halted != "" {
		return nil, fmt.Errorf("%w: it is stopped (%s): release it first", imager.ErrConflict, w.m.Halted)
	}
	if w.unproven() {
		return nil, fmt.Errorf("%w: it was started from a stick: %s", imager.ErrConflict, codeNeeded(w))
	}
	if w.j != nil && !w.j.State.Ended() {
		return nil, fmt.Errorf("%w: its job is %s: stop that first", imager.ErrConflict, w.j.State)
	}
	pulled, err := c.store.Withdrawn(ctx)
	if err != nil {
		return nil, err
	}
	if blocked := c.blocked(w.m, pulled); len(blocked) > 0 {
		return nil, fmt.Errorf("%w: %s", imager.ErrConflict, strings.Join(blocked, "; "))
	}
	p, err := c.profile(a.Profile)
	if err != nil {
		return nil, err
	}
	work, left, err := plan.Drives(w.m.Inventory, p)
	if err == nil {
		err = plan.Approved(work, left, a.Drives)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", imager.ErrConflict, err)
	}
	j := &imager.Job{
		ID: ulid.MustNew(ulid.Timestamp(w.now), ulid.DefaultEntropy()).String(), Machine: w.m.Number, Profile: p,
		State: imager.JobApproved, Reason: "approved by " + actor,
		ApprovedBy: actor, Approved: w.now, Expires: w.now.Add(approvalLife),
		Drives: plan.JobDrives(work, p, func() []byte { return draw(seedBytes) }), Left: left,
		Phases: c.bootPhase(w),
	}
	if p.Image == "" {
		return j, nil
	}
	return j, c.planImage(j, w.m, work, a.System)
}

// planImage pins the image and the drive that gets it.
func (c *Controller) planImage(j *imager.Job, m imager.Machine, work []api.Drive, system api.DriveID) error {
	image, sum, key, err := c.images.Manifest(j.Profile.Image)
	if err != nil {
		return fmt.Errorf("%w: image %s: %w", imager.ErrConflict, j.Profile.Image, err)
	}
	if err = plan.Firmware(m.Inventory.Firmware, image); err == nil {
		j.System, err = plan.System(work, image, system)
	}
	if err == nil {
		j.Hostname, err = plan.Hostname(j.Profile.Hostname, m.Number, m.Inventory)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", imager.ErrConflict, err)
	}
	j.Image = &imager.ImageRef{
		Name: image.Name, ManifestSHA256: sum, PublicKey: key, RawBytes: image.RawBytes,
		Frames: len(image.Frames), Identity: image.Identity, Confirm: image.Confirm,
	}
	return nil
}

// bootPhase is how long the machine's last boot took, if it was seen whole.
func (c *Controller) bootPhase(w *work) []imager.Phase {
	if w.s == nil {
		return nil
	}
	began := c.boots.last(w.m.Inventory.NICs).Began
	if began.IsZero() || !began.Before(w.s.Began) || w.s.Began.Sub(began) > time.Hour {
		return nil
	}
	return []imager.Phase{{Phase: api.PhaseRegistration, Began: began, Ended: w.s.Began, Millis: w.s.Began.Sub(began).Milliseconds()}}
}
