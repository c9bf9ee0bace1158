package imagertest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

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
	if d.By = actor; d.At.IsZero() {
		d.At = o.Now()
	}
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

// WithdrawnDrives are two drives under seal and one that is destroyed.
func WithdrawnDrives() []imager.Withdrawn {
	at := At()
	return []imager.Withdrawn{
		{ID: "01KAM0000000000000000000A1", Machine: 6, Model: "WDC WD5000AAKX-60U6AA0", Serial: "WD-WCC2E4444444", Seal: "A-1041", By: "m.durand",
			Reason: "it disappeared during the erasure", At: at.Add(-26 * time.Hour)},
		{ID: "01KAM0000000000000000000A2", Machine: 16, Model: "SAMSUNG MZVLB256HBHQ-000L7", Serial: "S4GENX0NA00099", Seal: "A-1042", By: "m.durand",
			Reason: "1,204 media errors are more than the 50 that the profile allows", At: at.Add(-2 * time.Hour)},
		{ID: "01KAJ0000000000000000000A0", Machine: 2, Serial: "Z1D5KXYZ", Seal: "A-1040", By: "local:root", Reason: "it does not spin up", At: at.Add(-240 * time.Hour),
			Destroyed: &imager.Destruction{At: at.Add(-48 * time.Hour), By: "m.durand", Who: "Broyeurs du Rhône SARL", How: "shredded to 6 mm, certificate 2026-311"}},
	}
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
		if r := d.Recheck; r != nil && r.Evidence != nil {
			b, sum := canonical(r.Evidence)
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
