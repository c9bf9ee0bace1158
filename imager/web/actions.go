package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"regain.example/agent/api"
	"regain.example/imager"
)

// approve takes the form that names the machine and each of its drives.
func (s *Site) approve(w http.ResponseWriter, r *http.Request) {
	n, err := s.confirmed(r)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	a := imager.Approval{Machine: n, Profile: r.PostFormValue("profile"), System: api.DriveID(r.PostFormValue("system")), Code: r.PostFormValue("code")}
	for _, d := range r.PostForm["drive"] {
		a.Drives = append(a.Drives, api.DriveID(d))
	}
	if _, err := s.op.Approve(r.Context(), actor(r), a); err != nil {
		s.refuse(w, r, err)
		return
	}
	http.Redirect(w, r, fmt.Sprintf("/machines/%d", n), http.StatusSeeOther)
}

// code takes the code on the screen of a machine that was started from a stick.
func (s *Site) code(w http.ResponseWriter, r *http.Request) {
	s.act(func(ctx context.Context, actor string, n int) error {
		return s.op.EnterCode(ctx, actor, n, r.PostFormValue("code"))
	})(w, r)
}

// stop ends a job. In the countdown it must be one press of a button.
func (s *Site) stop(w http.ResponseWriter, r *http.Request) {
	reason := strings.TrimSpace(r.PostFormValue("reason"))
	if reason == "" {
		reason = "stopped on the page"
	}
	s.act(func(ctx context.Context, actor string, n int) error {
		return s.op.Stop(ctx, actor, n, reason)
	})(w, r)
}

// act makes a handler of an action that needs nothing but the machine.
func (s *Site) act(do func(ctx context.Context, actor string, machine int) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		n, err := strconv.Atoi(r.PathValue("n"))
		if err != nil {
			http.NotFound(w, r)
			return
		}
		if err := do(r.Context(), actor(r), n); err != nil {
			s.refuse(w, r, err)
			return
		}
		http.Redirect(w, r, fmt.Sprintf("/machines/%d", n), http.StatusSeeOther)
	}
}

// confirmed returns the machine's number if the person typed the same.
func (s *Site) confirmed(r *http.Request) (int, error) {
	n, err := strconv.Atoi(r.PathValue("n"))
	if err != nil {
		return 0, fmt.Errorf("%w: no machine has the number %q", imager.ErrNotFound, r.PathValue("n"))
	}
	typed, err := strconv.Atoi(strings.TrimSpace(r.PostFormValue("number")))
	if err != nil || typed != n {
		return 0, fmt.Errorf("%w: type the number of this machine, %d, to confirm; nothing was approved", imager.ErrInvalid, n)
	}
	return n, nil
}

// refuse shows the machine again, with the reason on top.
func (s *Site) refuse(w http.ResponseWriter, r *http.Request, err error) {
	status, text := s.explain(err)
	if status == http.StatusNotFound {
		s.oops(w, r, err)
		return
	}
	s.machinePage(w, r, status, text)
}

func (s *Site) explain(err error) (int, string) {
	for _, known := range []struct {
		err    error
		status int
	}{
		{imager.ErrNotFound, http.StatusNotFound},
		{imager.ErrConflict, http.StatusConflict},
		{imager.ErrInvalid, http.StatusBadRequest},
		{imager.ErrStorage, http.StatusInsufficientStorage},
	} {
		if errors.Is(err, known.err) {
			return known.status, sentence(err.Error())
		}
	}
	s.log.Error("operator's request", "err", err)
	return http.StatusInternalServerError, "The controller could not do this; its log says why."
}
