package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"regain.example/imager"
	"regain.example/imager/imagertest"
)

// section cuts the element with this id, up to the end of its form, out of a page.
func section(t *testing.T, body, id string) string {
	t.Helper()
	_, rest, found := strings.Cut(body, `id="`+id+`"`)
	if !found {
		t.Fatalf("the page has no %s", id)
	}
	form, _, found := strings.Cut(rest, "</form>")
	if !found {
		t.Fatalf("%s has no form", id)
	}
	return form
}

// declaration is what the form of machine 16 sends.
func declaration(t *testing.T, op *imagertest.Operator) url.Values {
	t.Helper()
	v, err := op.Machine(t.Context(), 16)
	if err != nil {
		t.Fatal(err)
	}
	return url.Values{"drive": {string(v.Job.Drives[0].ID)}, "serial": {"S4GENX0NA00016"}, "model": {""},
		"reason": {"worn out"}, "seal": {"A-2000"}, "sure": {"yes"}}
}

func TestWithdraw(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(url.Values)
		want   int
		says   string
	}{
		{"not sure", func(f url.Values) { f.Del("sure") }, http.StatusBadRequest, "out of the machine and sealed"},
		{"no seal", func(f url.Values) { f.Set("seal", "  ") }, http.StatusBadRequest, "seal"},
		{"no serial and no drive", func(f url.Values) { f.Del("serial"); f.Del("drive") }, http.StatusBadRequest, "serial"},
		{"one that was never seen", func(f url.Values) { f.Del("drive"); f.Set("serial", "Z1D5") }, http.StatusSeeOther, ""},
		{"all", func(url.Values) {}, http.StatusSeeOther, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			op := workshop()
			s := site(t, op)
			form := declaration(t, op)
			test.change(form)
			resp, body := call(t, s, "POST", "/machines/16/withdraw", goodSecret, form)
			if resp.StatusCode != test.want || !strings.Contains(body, test.says) {
				t.Errorf("%s: %s", resp.Status, body)
			}
			all, err := op.Withdrawn(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if declared := len(all) == 4; declared != (test.want == http.StatusSeeOther) {
				t.Errorf("%d drives are withdrawn", len(all))
			}
			if len(all) == 4 && (all[0].By != "m.durand" || all[0].Machine != 16 || all[0].Seal != "A-2000") {
				t.Errorf("declared %+v", all[0])
			}
			if test.want == http.StatusBadRequest && !strings.Contains(section(t, body, "withdraw"), `value="worn out"`) {
				t.Error("what was typed is lost")
			}
		})
	}
}

func TestWithdrawFormChoosesTheBadDrive(t *testing.T) {
	_, body := call(t, site(t, workshop()), "GET", "/machines/16", goodSecret, nil)
	form := section(t, body, "withdraw")
	if !regexp.MustCompile(`<option [^>]*data-serial="S4GENX0NA00016"[^>]* selected>`).MatchString(form) || !strings.Contains(form, `name="serial" value="S4GENX0NA00016"`) {
		t.Errorf("the drive that is to be destroyed is not chosen:\n%s", form)
	}
	for machine, want := range map[string]bool{"1": false, "5": false, "11": false, "14": false, "15": true, "17": true, "19": true} {
		_, body := call(t, site(t, workshop()), "GET", "/machines/"+machine, goodSecret, nil)
		if got := strings.Contains(body, `id="withdraw"`); got != want {
			t.Errorf("machine %s: form %v, want %v", machine, got, want)
		}
	}
}

func TestWithdrawnDriveIsMarkedAndNotOfferedAgain(t *testing.T) {
	op := workshop()
	s := site(t, op)
	if resp, _ := call(t, s, "POST", "/machines/16/withdraw", goodSecret, declaration(t, op)); resp.StatusCode != http.StatusSeeOther {
		t.Fatal(resp.Status)
	}
	_, body := call(t, s, "GET", "/machines/16", goodSecret, nil)
	if !strings.Contains(body, "under seal <b>A-2000</b>") {
		t.Error("the drive's seal is not shown")
	}
	if strings.Contains(section(t, body, "withdraw"), "S4GENX0NA00016") {
		t.Error("the drive is offered again")
	}
}

func TestDestroyed(t *testing.T) {
	const id = "01KAM0000000000000000000A2"
	right := url.Values{"who": {"Broyeurs"}, "how": {"shredded"}, "on": {"2026-11-22"}, "seal": {"a-1042"}}
	for _, test := range []struct {
		name, id, field, value string
		want                   int
		says                   string
	}{
		{"all", id, "", "", http.StatusSeeOther, ""},
		{"another seal", id, "seal", "A-1041", http.StatusBadRequest, "number of the seal"},
		{"no seal", id, "seal", "", http.StatusBadRequest, "number of the seal"},
		{"nobody", id, "who", "", http.StatusBadRequest, "who destroyed it"},
		{"no day", id, "on", "yesterday", http.StatusBadRequest, "not a day"},
		{"unknown", "01X", "", "", http.StatusNotFound, "not found"},
		{"twice", "01KAJ0000000000000000000A0", "seal", "A-1040", http.StatusConflict, "already"},
	} {
		t.Run(test.name, func(t *testing.T) {
			op := workshop()
			form := url.Values{}
			for k, v := range right {
				form[k] = v
			}
			if test.field != "" {
				form.Set(test.field, test.value)
			}
			resp, body := call(t, site(t, op), "POST", "/withdrawn/"+test.id+"/destroyed", goodSecret, form)
			if resp.StatusCode != test.want || !strings.Contains(body, test.says) {
				t.Errorf("%s: %s", resp.Status, body)
			}
			all, err := op.Withdrawn(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			var end *imager.Destruction
			for _, d := range all {
				if d.ID == id {
					end = d.Destroyed
				}
			}
			if (end != nil) != (test.want == http.StatusSeeOther) {
				t.Fatalf("its end is recorded as %+v", end)
			}
			if end != nil && (end.By != "m.durand" || end.Who != "Broyeurs" || !end.At.Equal(imagertest.At())) {
				t.Errorf("recorded %+v", end)
			}
			if test.want == http.StatusBadRequest && !strings.Contains(body, `value="shredded"`) {
				t.Error("what was typed is lost")
			}
		})
	}
}

func TestRegister(t *testing.T) {
	_, body := call(t, site(t, workshop()), "GET", "/withdrawn", goodSecret, nil)
	for _, want := range []string{"Under seal (2)", "Destroyed (1)", "A-1042", "WD-WCC2E4444444", "Broyeurs du Rhône SARL", "shredded to 6 mm", `href="/machines/16"`} {
		if !strings.Contains(body, want) {
			t.Errorf("the register does not say %q", want)
		}
	}
	if n := strings.Count(body, "/destroyed\""); n != 2 {
		t.Errorf("%d forms for 2 drives under seal", n)
	}
}
