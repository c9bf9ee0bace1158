package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"regain.example/agent/api"
	"regain.example/imager/imagertest"
)

// approval is what the form of machine 1 sends.
func approval(t *testing.T, op *imagertest.Operator) url.Values {
	t.Helper()
	v, err := op.Machine(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	form := url.Values{"profile": {"debian"}, "number": {" 1 "}, "system": {""}}
	for _, d := range v.Machine.Inventory.Drives {
		if d.Excluded == "" {
			form.Add("drive", string(d.ID()))
		}
	}
	return form
}

func TestApprove(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(url.Values)
		want   int
		says   string
	}{
		{"no number", func(f url.Values) { f.Del("number") }, http.StatusBadRequest, "type the number of this machine"},
		{"another number", func(f url.Values) { f.Set("number", "2") }, http.StatusBadRequest, "type the number of this machine"},
		{"no drive", func(f url.Values) { f.Del("drive") }, http.StatusConflict, "drives of machine 1"},
		{"one drive", func(f url.Values) { f["drive"] = f["drive"][:1] }, http.StatusConflict, "drives of machine 1"},
		{"another drive", func(f url.Values) { f["drive"][0] = "ata|||||x|1" }, http.StatusConflict, "drives of machine 1"},
		{"no profile", func(f url.Values) { f.Del("profile") }, http.StatusNotFound, ""},
		{"all", func(url.Values) {}, http.StatusSeeOther, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			op := bench()
			s := site(t, op)
			form := approval(t, op)
			test.change(form)
			resp, body := call(t, s, "POST", "/machines/1/approve", goodSecret, form)
			if resp.StatusCode != test.want || !strings.Contains(body, test.says) {
				t.Errorf("%s: %s", resp.Status, body)
			}
			v, err := op.Machine(t.Context(), 1)
			if err != nil {
				t.Fatal(err)
			}
			if approved := v.Job != nil; approved != (test.want == http.StatusSeeOther) {
				t.Errorf("approved: %v", approved)
			}
			if v.Job != nil && v.Job.ApprovedBy != "m.durand" {
				t.Errorf("approved by %q", v.Job.ApprovedBy)
			}
		})
	}
}

// TestFormShowsWhatIsThereNow: after a job, the form offers the drives that are in
// the machine, not those of the former approval.
func TestFormShowsWhatIsThereNow(t *testing.T) {
	op := bench()
	v, err := op.Machine(t.Context(), 6) // quarantined
	if err != nil {
		t.Fatal(err)
	}
	swapped := imagertest.Disk("NEW-DRIVE-1")
	v.Machine.Inventory.Drives = []api.Drive{swapped}
	op.Put(v)
	_, body := call(t, site(t, op), "GET", "/machines/6", goodSecret, nil)
	form := body[strings.Index(body, `id="approve"`):]
	form = form[:strings.Index(form, "</form>")]
	if strings.Count(form, `name="drive"`) != 1 || !strings.Contains(form, "NEW-DRIVE-1") || strings.Contains(form, "WD-WCC2E9999999") {
		t.Errorf("the form does not offer the drive that is there now:\n%s", form)
	}
}
