package web

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"regain.example/imager"
)

// register is the page of all withdrawn drives.
type register struct {
	Sealed, Destroyed []imager.Withdrawn
	Typed             destruction // the form that was refused; ID "" for none
}

// destruction is the form that records a drive's end.
type destruction struct {
	ID, Who, How, On, Seal string
}

func (s *Site) withdrawn(w http.ResponseWriter, r *http.Request) {
	s.withdrawnPage(w, r, http.StatusOK, "", destruction{})
}

func (s *Site) withdrawnPage(w http.ResponseWriter, r *http.Request, status int, alert string, typed destruction) {
	all, err := s.op.Withdrawn(r.Context())
	if err != nil {
		s.oops(w, r, err)
		return
	}
	reg := register{Typed: typed}
	for _, d := range all {
		if d.Destroyed == nil {
			reg.Sealed = append(reg.Sealed, d)
		} else {
			reg.Destroyed = append(reg.Destroyed, d)
		}
	}
	s.show(w, status, "withdrawn.html", page{Title: "Withdrawn drives", Account: actor(r), Alert: alert, Data: reg})
}

// destroyed takes the form. Typing the seal's number says which drive is meant.
func (s *Site) destroyed(w http.ResponseWriter, r *http.Request) {
	f := destruction{
		ID: r.PathValue("id"), Who: field(r, "who"), How: field(r, "how"), On: field(r, "on"), Seal: field(r, "seal"),
	}
	if err := s.destroy(r, f); err != nil {
		status, text := s.explain(err)
		s.withdrawnPage(w, r, status, text, f)
		return
	}
	http.Redirect(w, r, "/withdrawn", http.StatusSeeOther)
}

func (s *Site) destroy(r *http.Request, f destruction) error {
	all, err := s.op.Withdrawn(r.Context())
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(d imager.Withdrawn) bool { return d.ID == f.ID })
	if i < 0 {
		return fmt.Errorf("withdrawn drive %q: %w", f.ID, imager.ErrNotFound)
	}
	if !strings.EqualFold(f.Seal, all[i].Seal) {
		return fmt.Errorf("%w: type the number of the seal that drive %s was under, to confirm; nothing was recorded", imager.ErrInvalid, all[i].Serial)
	}
	end := imager.Destruction{Who: f.Who, How: f.How}
	if end.At, err = s.on(f.On, all[i]); err != nil {
		return err
	}
	return s.op.Destroyed(r.Context(), actor(r), f.ID, end)
}

// on is the time of a destruction: now, or the first moment of the day that was
// typed. On the day of the withdrawal it is the moment of that.
func (s *Site) on(typed string, d imager.Withdrawn) (time.Time, error) {
	now := s.now().UTC()
	if typed == "" || typed == day(now) {
		return now, nil
	}
	at, err := time.Parse(time.DateOnly, typed)
	if err != nil {
		return at, fmt.Errorf("%w: %q is not a day such as %s", imager.ErrInvalid, typed, day(now))
	}
	if typed == day(d.At) {
		return d.At, nil
	}
	return at, nil
}
