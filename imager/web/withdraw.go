package web

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"regain.example/agent/api"
	"regain.example/imager"
	"regain.example/imager/explain"
)

// withdrawForm is the form that declares a drive pulled out: what is typed in it,
// and the drives to choose from.
type withdrawForm struct {
	imager.Withdrawn
	Choices []pulled
	// Typed is set when the form comes back after a refusal: what was typed
	// must stay.
	Typed bool
}

// pulled is a drive that may have been pulled out.
type pulled struct {
	Key                  api.DriveID
	Label                string
	Model, Serial, Cause string
	Chosen               bool
}

// newWithdrawForm offers the drives of the machine, those without accepted
// evidence first. The only such drive is chosen already.
func newWithdrawForm(v imager.View, gone []imager.Withdrawn) withdrawForm {
	f := withdrawForm{Withdrawn: imager.Withdrawn{Machine: v.Machine.Number}}
	var rest []pulled
	add := func(d api.Drive, reason string, bad bool) {
		if declared(gone, d.ID()) != nil || slices.ContainsFunc(append(f.Choices, rest...), func(p pulled) bool { return p.Key == d.ID() }) {
			return
		}
		p := pulled{Key: d.ID(), Label: explain.Place(d) + ", " + cmp.Or(d.Model, "unnamed") + ", " + size(d.SizeBytes), Model: d.Model, Serial: d.Serial, Cause: reason}
		if bad {
			f.Choices = append(f.Choices, p)
		} else {
			rest = append(rest, p)
		}
	}
	if v.Job != nil {
		for _, j := range v.Job.Drives {
			if bad := j.Outcome != imager.OutcomeErased || j.Destroy; bad {
				add(j.Drive, explain.Plain(j.Reason), true)
			} else {
				add(j.Drive, "", false)
			}
		}
	}
	for _, d := range v.Machine.Inventory.Drives {
		if d.Excluded == "" {
			add(d, "", false)
		}
	}
	if len(f.Choices) == 1 {
		p := &f.Choices[0]
		p.Chosen = true
		f.Serial, f.Model, f.Reason = p.Serial, p.Model, p.Cause
	}
	f.Choices = append(f.Choices, rest...)
	return f
}

// keep takes over what a person typed in a form that was refused.
func (f *withdrawForm) keep(typed imager.Withdrawn) {
	f.Withdrawn, f.Typed = typed, true
	for i := range f.Choices {
		f.Choices[i].Chosen = f.Choices[i].Key == typed.Drive && typed.Drive != ""
	}
}

// declared finds a drive among those that were declared.
func declared(gone []imager.Withdrawn, id api.DriveID) *imager.Withdrawn {
	i := slices.IndexFunc(gone, func(w imager.Withdrawn) bool { return w.Drive == id && id != "" })
	if i < 0 {
		return nil
	}
	return &gone[i]
}

// withdraw takes the form.
func (s *Site) withdraw(w http.ResponseWriter, r *http.Request) {
	n, ok := machineNumber(r)
	if !ok {
		http.NotFound(w, r)
		return
	}
	typed := imager.Withdrawn{
		Machine: n, Drive: api.DriveID(r.PostFormValue("drive")), Model: field(r, "model"),
		Serial: field(r, "serial"), Reason: field(r, "reason"), Seal: field(r, "seal"),
	}
	if err := s.declare(r.Context(), actor(r), typed, r.PostFormValue("sure") == "yes"); err != nil {
		s.refuseWithdraw(w, r, typed, err)
		return
	}
	http.Redirect(w, r, fmt.Sprintf("/machines/%d", n), http.StatusSeeOther)
}

func (s *Site) declare(ctx context.Context, actor string, d imager.Withdrawn, sure bool) error {
	if !sure {
		return fmt.Errorf("%w: tick that the drive is out of the machine and sealed; nothing was declared", imager.ErrInvalid)
	}
	_, err := s.op.Withdraw(ctx, actor, d)
	return err
}

// refuseWithdraw shows the machine again with the reason on top and the form as
// it was filled in.
func (s *Site) refuseWithdraw(w http.ResponseWriter, r *http.Request, typed imager.Withdrawn, err error) {
	status, text := s.explain(err)
	d, err := s.detail(r, typed.Machine)
	if err != nil {
		s.oops(w, r, err)
		return
	}
	d.Form.keep(typed)
	s.showMachine(w, r, status, text, d)
}

func field(r *http.Request, name string) string { return strings.TrimSpace(r.PostFormValue(name)) }
