package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"regain.example/imager"
	"regain.example/imager/imagertest"
)

// TestApproveWithCode: the form of a machine that was started from a stick asks for
// the code on its screen, and nothing is approved without it.
func TestApproveWithCode(t *testing.T) {
	for name, test := range map[string]struct {
		code string
		want int
	}{
		"none":  {"", http.StatusConflict},
		"wrong": {"0000-0000", http.StatusBadRequest},
		"right": {imagertest.Code, http.StatusSeeOther},
	} {
		op := bench()
		from := imagertest.FromStick()[0]
		op.Put(from)
		s := site(t, op)
		if _, body := call(t, s, "GET", "/machines/30", goodSecret, nil); !strings.Contains(body, `name="code"`) {
			t.Fatalf("%s: the form does not ask for the code", name)
		}
		form := url.Values{"profile": {"erase"}, "number": {"30"}, "code": {test.code}, "drive": {string(from.Machine.Inventory.Drives[0].ID())}}
		resp, body := call(t, s, "POST", "/machines/30/approve", goodSecret, form)
		if resp.StatusCode != test.want {
			t.Errorf("%s: %s: %s", name, resp.Status, body)
		}
		if v, err := op.Machine(t.Context(), 30); err != nil || (v.Job != nil) != (test.want == http.StatusSeeOther) {
			t.Errorf("%s: job %+v, %v", name, v.Job, err)
		}
	}
}

// TestCodeForms: only a machine from a stick is asked for a code; after too many
// wrong ones it cannot be approved; amid a job the code has a form of its own.
func TestCodeForms(t *testing.T) {
	op := bench()
	s := site(t, op)
	show := func(v imager.View) string {
		op.Put(v)
		_, body := call(t, s, "GET", "/machines/30", goodSecret, nil)
		return body
	}
	v := imagertest.FromStick()[0]
	v.Enrolment = imager.EnrolNone
	if body := show(v); strings.Contains(body, `name="code"`) || !strings.Contains(body, `id="approve"`) {
		t.Error("a machine from the network is asked for a code")
	}
	v.Enrolment = imager.EnrolClosed
	if body := show(v); strings.Contains(body, `id="approve"`) {
		t.Error("it can be approved after too many wrong codes")
	}
	v.Enrolment = imager.EnrolCode
	v.Job = &imager.Job{ID: "01J", Machine: 30, State: imager.JobErasing}
	if body := show(v); !strings.Contains(body, `action="/machines/30/code"`) {
		t.Error("amid a job there is no form for the code")
	}
	resp, _ := call(t, s, "POST", "/machines/30/code", goodSecret, url.Values{"code": {imagertest.Code}})
	if got, err := op.Machine(t.Context(), 30); err != nil || got.Enrolment != imager.EnrolDone || resp.StatusCode != http.StatusSeeOther {
		t.Errorf("%s: %q, %v", resp.Status, got.Enrolment, err)
	}
}
