package control

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/oklog/ulid/v2"

	"regain.example/agent/api"
	"regain.example/imager"
)

// Withdraw declares that a drive was pulled out of a machine, sealed and set
// aside. What d leaves empty is taken from the machine, where that knows the
// drive.
func (c *Controller) Withdraw(ctx context.Context, actor string, d imager.Withdrawn) (imager.Withdrawn, error) {
	var made imager.Withdrawn
	err := c.change(ctx, d.Machine, func(w *work) error {
		all, err := c.store.Withdrawn(ctx)
		if err != nil {
			return err
		}
		made = w.fillIn(d)
		made.ID = ulid.MustNew(ulid.Timestamp(w.now), ulid.DefaultEntropy()).String()
		made.By, made.At, made.Destroyed, made.Version = actor, w.now, nil, 0
		if err := checkWithdrawn(made, all); err != nil {
			return fmt.Errorf("withdraw a drive of machine %d: %w", d.Machine, err)
		}
		record := made
		w.pulled = &record
		w.say(actor, "drive %s was pulled out and put under seal %s: %s", withdrawnName(made), made.Seal, made.Reason)
		return nil
	})
	if err != nil {
		return imager.Withdrawn{}, err
	}
	made.Version++
	return made, nil
}

// fillIn completes a declaration from the drives of the machine's last job and of
// its last inventory.
func (w *work) fillIn(d imager.Withdrawn) imager.Withdrawn {
	d.Serial, d.Seal, d.Model, d.Reason = tidy(d.Serial), tidy(d.Seal), tidy(d.Model), tidy(d.Reason)
	if w.j != nil {
		i := slices.IndexFunc(w.j.Drives, func(j *imager.JobDrive) bool { return names(d, j.Drive) })
		if i >= 0 {
			known := w.j.Drives[i]
			d = fillFrom(d, known.Drive)
			if known.Outcome != imager.OutcomeErased || known.Destroy {
				d.Reason = withDefault(d.Reason, clean(known.Reason))
			}
			return d
		}
	}
	if i := slices.IndexFunc(w.m.Inventory.Drives, func(x api.Drive) bool { return names(d, x) }); i >= 0 {
		return fillFrom(d, w.m.Inventory.Drives[i])
	}
	return d
}

func fillFrom(d imager.Withdrawn, known api.Drive) imager.Withdrawn {
	d.Drive = known.ID()
	d.Serial, d.Model = withDefault(d.Serial, tidy(known.Serial)), withDefault(d.Model, tidy(known.Model))
	return d
}

// names reports whether a declaration means this drive.
func names(d imager.Withdrawn, x api.Drive) bool {
	if d.Drive != "" {
		return d.Drive == x.ID()
	}
	return d.Serial != "" && sameSerial(d.Serial, x.Serial)
}

func checkWithdrawn(d imager.Withdrawn, all []imager.Withdrawn) error {
	var missing []string
	for what, text := range map[string]string{"the serial on its label": d.Serial, "the reason": d.Reason, "the number of its seal": d.Seal} {
		if text == "" {
			missing = append(missing, what)
		}
	}
	if len(missing) > 0 {
		slices.Sort(missing)
		return fmt.Errorf("%w: give %s", imager.ErrInvalid, strings.Join(missing, " and "))
	}
	for _, o := range all {
		if o.Machine == d.Machine && sameSerial(o.Serial, d.Serial) {
			return fmt.Errorf("%w: serial %s was declared already, under seal %s", imager.ErrConflict, o.Serial, o.Seal)
		}
	}
	return nil
}

// Destroyed records the end of a withdrawn drive, once.
func (c *Controller) Destroyed(ctx context.Context, actor, id string, end imager.Destruction) error {
	d, err := c.findWithdrawn(ctx, id)
	if err != nil {
		return err
	}
	return c.change(ctx, d.Machine, func(w *work) error {
		d, err := c.findWithdrawn(ctx, id)
		if err != nil {
			return err
		}
		end.Who, end.How, end.By, end.At = tidy(end.Who), tidy(end.How), actor, withDefault(end.At, w.now)
		switch {
		case d.Destroyed != nil:
			err = fmt.Errorf("%w: it was destroyed already, by %s: %s", imager.ErrConflict, d.Destroyed.Who, d.Destroyed.How)
		case end.Who == "" || end.How == "":
			err = fmt.Errorf("%w: say who destroyed it, and how", imager.ErrInvalid)
		case end.At.Before(d.At) || end.At.After(w.now):
			err = fmt.Errorf("%w: %s is not between its withdrawal and now", imager.ErrInvalid, end.At.Format("2006-01-02 15:04"))
		}
		if err != nil {
			return fmt.Errorf("destruction of drive %s: %w", withdrawnName(d), err)
		}
		d.Destroyed, w.pulled = &end, &d
		w.say(actor, "drive %s, seal %s, was destroyed by %s: %s", withdrawnName(d), d.Seal, end.Who, end.How)
		return nil
	})
}

func (c *Controller) findWithdrawn(ctx context.Context, id string) (imager.Withdrawn, error) {
	all, err := c.store.Withdrawn(ctx)
	if err != nil {
		return imager.Withdrawn{}, err
	}
	i := slices.IndexFunc(all, func(d imager.Withdrawn) bool { return d.ID == id })
	if i < 0 {
		return imager.Withdrawn{}, fmt.Errorf("withdrawn drive %q: %w", clean(id), imager.ErrNotFound)
	}
	return all[i], nil
}

// Withdrawn lists all withdrawn drives, those not yet destroyed first, newest
// first.
func (c *Controller) Withdrawn(ctx context.Context) ([]imager.Withdrawn, error) {
	all, err := c.store.Withdrawn(ctx)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(all, func(a, b imager.Withdrawn) int {
		if (a.Destroyed == nil) != (b.Destroyed == nil) {
			if a.Destroyed == nil {
				return -1
			}
			return 1
		}
		return strings.Compare(b.ID, a.ID)
	})
	return all, nil
}

// Evidence returns the evidence of a drive as it was received.
func (c *Controller) Evidence(ctx context.Context, sha256 string) ([]byte, error) {
	return c.store.Evidence(ctx, sha256)
}

func withdrawnName(d imager.Withdrawn) string {
	return strings.TrimPrefix(d.Model+", serial "+d.Serial, ", ")
}

// tidy is clean without the spaces around.
func tidy(s string) string { return strings.TrimSpace(clean(s)) }
