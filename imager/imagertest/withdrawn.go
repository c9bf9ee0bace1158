package imagertest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"regain.example/agent/api"
	"regain.example/imager"
)

// Withdraw implements imager.Operator.
func (o *Operator) Withdraw(ctx context.Context, actor string, w imager.Withdrawn) (imager.Withdrawn, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	v, err := o.find(w.Machine)
	if err != nil {
		return imager.Withdrawn{}, err
	}
	fillWithdrawn(&w, v)
	switch {
	case w.Serial == "" || w.Seal == "" || w.Reason == "":
		return imager.Withdrawn{}, fmt.Errorf("withdraw a drive: %w: serial, seal and reason are needed", imager.ErrInvalid)
	case slices.ContainsFunc(o.withdrawn, func(other imager.Withdrawn) bool {
		return other.Serial == w.Serial && other.Model == w.Model && other.Destroyed == nil
	}):
		return imager.Withdrawn{}, fmt.Errorf("withdraw drive %s: %w: it is withdrawn already", w.Serial, imager.ErrConflict)
	}
	w.ID = fmt.Sprintf("01WITHDRAWN%04d", len(o.withdrawn)+1)
	w.By, w.At, w.Destroyed = actor, o.Now(), nil
	o.withdrawn = append(o.withdrawn, w)
	o.note(&v, actor, fmt.Sprintf("drive %s withdrawn under seal %s: %s", w.Serial, w.Seal, w.Reason))
	return w, nil
}

// fillWithdrawn takes from the machine's job what the declaration leaves open.
func fillWithdrawn(w *imager.Withdrawn, v imager.View) {
	if v.Job == nil {
		return
	}
	for _, d := range v.Job.Drives {
		if d.ID == w.Drive || w.Drive == "" && d.Drive.Serial == w.Serial {
			w.Drive = d.ID
			setEmpty(&w.Model, d.Drive.Model)
			setEmpty(&w.Serial, d.Drive.Serial)
			setEmpty(&w.Reason, d.Reason)
		}
	}
}

func setEmpty(s *string, value string) {
	if *s == "" {
		*s = value
	}
}

// Destroyed implements imager.Operator.
func (o *Operator) Destroyed(ctx context.Context, actor, id string, d imager.Destruction) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.fail != nil {
		return o.fail
	}
	i := slices.IndexFunc(o.withdrawn, func(w imager.Withdrawn) bool { return w.ID == id })
	switch {
	case i < 0:
		return fmt.Errorf("withdrawn drive %s: %w", id, imager.ErrNotFound)
	case o.withdrawn[i].Destroyed != nil:
		return fmt.Errorf("withdrawn drive %s: %w: it is destroyed already", id, imager.ErrConflict)
	case d.Who == "" || d.How == "":
		return fmt.Errorf("withdrawn drive %s: %w: say who destroyed it and how", id, imager.ErrInvalid)
	}
	d.By, d.At = actor, o.Now()
	o.withdrawn[i].Destroyed = &d
	return nil
}

// Withdrawn implements imager.Operator.
func (o *Operator) Withdrawn(ctx context.Context) ([]imager.Withdrawn, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	all := slices.Clone(o.withdrawn)
	slices.SortStableFunc(all, func(a, b imager.Withdrawn) int {
		if (a.Destroyed == nil) != (b.Destroyed == nil) {
			if a.Destroyed == nil {
				return -1
			}
			return 1
		}
		if c := b.At.Compare(a.At); c != 0 {
			return c
		}
		return strings.Compare(b.ID, a.ID)
	})
	return all, o.fail
}

// SetWithdrawn sets the list of withdrawn drives.
func (o *Operator) SetWithdrawn(all ...imager.Withdrawn) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.withdrawn = slices.Clone(all)
}

// Evidence implements imager.Operator.
func (o *Operator) Evidence(ctx context.Context, sum string) ([]byte, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.fail != nil {
		return nil, o.fail
	}
	b, ok := o.evidence[sum]
	if !ok {
		return nil, fmt.Errorf("evidence %s: %w", sum, imager.ErrNotFound)
	}
	return slices.Clone(b), nil
}

// keepEvidence keeps the evidence of a job's drives that name a file of it.
func (o *Operator) keepEvidence(v imager.View) {
	if v.Job == nil {
		return
	}
	for _, d := range v.Job.Drives {
		if d.Evidence != nil && d.EvidenceFile != "" {
			b, sum := canonical(d.Evidence)
			o.evidence[sum] = b
		}
	}
}

// canonical returns the bytes of evidence as they are kept, and their SHA-256.
func canonical(ev *api.DriveEvidence) ([]byte, string) {
	b, err := json.Marshal(ev)
	if err != nil {
		panic(err) // plain data
	}
	sum := sha256.Sum256(b)
	return b, hex.EncodeToString(sum[:])
}
