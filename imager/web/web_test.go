package web_test

import (
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"regain.example/agent/api"
	"regain.example/imager"
	"regain.example/imager/imagertest"
	"regain.example/imager/web"
)

// site serves pages over op; its client follows no redirects.
func site(t *testing.T, op imager.Operator) *httptest.Server {
	t.Helper()
	s := httptest.NewTLSServer(web.New(op, logins{}, logins{}, "test", imagertest.At, slog.New(slog.DiscardHandler)).Handler())
	t.Cleanup(s.Close)
	s.Client().CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return s
}

func bench() *imagertest.Operator {
	return imagertest.New(imagertest.At, imagertest.Profiles(), imagertest.Bench()...)
}

// call makes a request as a browser does from the site's own pages, logged in
// unless secret is "".
func call(t *testing.T, s *httptest.Server, method, path, secret string, form url.Values) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if secret != "" {
		r.AddCookie(&http.Cookie{Name: "__Host-regain", Value: secret})
	}
	resp, err := s.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(body)
}

func TestNothingWithoutLogin(t *testing.T) {
	op := bench()
	s := site(t, op)
	for _, test := range []struct {
		method, path string
		want         int
	}{
		{"GET", "/", http.StatusSeeOther},
		{"GET", "/machines/1", http.StatusSeeOther},
		{"GET", "/events", http.StatusUnauthorized},
		{"POST", "/machines/1/approve", http.StatusUnauthorized},
		{"POST", "/machines/3/stop", http.StatusUnauthorized},
		{"POST", "/machines/8/retry", http.StatusUnauthorized},
		{"POST", "/machines/7/release", http.StatusUnauthorized},
		{"POST", "/machines/9/confirm", http.StatusUnauthorized},
		{"POST", "/machines/6/withdraw", http.StatusUnauthorized},
		{"POST", "/withdrawn/01X/destroyed", http.StatusUnauthorized},
		{"GET", "/withdrawn", http.StatusSeeOther},
		{"GET", "/evidence/" + strings.Repeat("0", 64), http.StatusSeeOther},
		{"POST", "/logout", http.StatusUnauthorized},
	} {
		for _, secret := range []string{"", "WRONG"} {
			resp, body := call(t, s, test.method, test.path, secret, url.Values{})
			if resp.StatusCode != test.want || strings.Contains(body, "8BR5RT2") {
				t.Errorf("%s %s with secret %q: %s", test.method, test.path, secret, resp.Status)
			}
		}
	}
	if v, err := op.Machine(t.Context(), 3); err != nil || v.Job.State != imager.JobErasing {
		t.Errorf("somebody without a login changed machine 3: %v %v", v.Job.State, err)
	}
}

func TestLogin(t *testing.T) {
	s := site(t, bench())
	resp, body := call(t, s, "POST", "/login", "", url.Values{"name": {"m.durand"}, "password": {"wrong"}})
	if resp.StatusCode != http.StatusForbidden || len(resp.Cookies()) != 0 || !strings.Contains(body, "Name or password is wrong") {
		t.Errorf("wrong password: %s, cookies %v", resp.Status, resp.Cookies())
	}
	resp, _ = call(t, s, "POST", "/login", "", url.Values{"name": {" m.durand "}, "password": {goodPassword}})
	if resp.StatusCode != http.StatusSeeOther || len(resp.Cookies()) != 1 {
		t.Fatalf("right password: %s, cookies %v", resp.Status, resp.Cookies())
	}
	c := resp.Cookies()[0]
	if c.Name != "__Host-regain" || !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/" || c.Domain != "" {
		t.Errorf("cookie %+v", c)
	}
	resp, _ = call(t, s, "POST", "/logout", goodSecret, nil)
	if resp.StatusCode != http.StatusSeeOther || len(resp.Cookies()) != 1 || resp.Cookies()[0].MaxAge >= 0 {
		t.Errorf("logout: %s, cookies %v", resp.Status, resp.Cookies())
	}
}

func TestWelcome(t *testing.T) {
	s := site(t, bench())
	if resp, _ := call(t, s, "GET", "/welcome/WRONG", "", nil); resp.StatusCode != http.StatusForbidden {
		t.Errorf("wrong link: %s", resp.Status)
	}
	if resp, body := call(t, s, "GET", "/welcome/"+goodLink, "", nil); resp.StatusCode != http.StatusOK || !strings.Contains(body, "Create the first account") {
		t.Errorf("right link: %s", resp.Status)
	}
	for _, test := range []struct {
		link, password, again string
		want                  int
	}{
		{"WRONG", goodPassword, goodPassword, http.StatusForbidden},
		{goodLink, goodPassword, goodPassword + "x", http.StatusBadRequest},
		{goodLink, "weak", "weak", http.StatusBadRequest},
		{goodLink, goodPassword, goodPassword, http.StatusSeeOther},
	} {
		resp, _ := call(t, s, "POST", "/welcome/"+test.link, "", url.Values{"name": {"m.durand"}, "password": {test.password}, "again": {test.again}})
		if resp.StatusCode != test.want || (len(resp.Cookies()) == 1) != (test.want == http.StatusSeeOther) {
			t.Errorf("%+v: %s, cookies %v", test, resp.Status, resp.Cookies())
		}
	}
}

func TestCrossOriginPostsAreRefused(t *testing.T) {
	op := bench()
	s := site(t, op)
	for _, header := range []http.Header{
		{"Sec-Fetch-Site": {"cross-site"}},
		{"Sec-Fetch-Site": {"same-site"}},
		{"Origin": {"https://evil.example"}},
		{"Origin": {"null"}},
	} {
		r, err := http.NewRequestWithContext(t.Context(), "POST", s.URL+"/machines/3/stop", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header = header
		r.AddCookie(&http.Cookie{Name: "__Host-regain", Value: goodSecret})
		resp, err := s.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusForbidden {
			t.Errorf("%v: %s, want 403", header, resp.Status)
		}
	}
	if v, _ := op.Machine(t.Context(), 3); v.Job.State != imager.JobErasing {
		t.Errorf("a foreign page stopped machine 3: %s", v.Job.State)
	}
}

func TestHeaders(t *testing.T) {
	s := site(t, bench())
	for _, path := range []string{"/login", "/", "/static/live.js", "/nowhere"} {
		resp, _ := call(t, s, "GET", path, goodSecret, nil)
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Cache-Control": "no-store",
			"Cross-Origin-Opener-Policy": "same-origin", "Referrer-Policy": "same-origin",
		} {
			if got := resp.Header.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", path, name, got, want)
			}
		}
		csp := resp.Header.Get("Content-Security-Policy")
		if !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "frame-ancestors 'none'") || strings.Contains(csp, "unsafe") {
			t.Errorf("%s: policy %q", path, csp)
		}
	}
}

func TestActions(t *testing.T) {
	op := bench()
	s := site(t, op)
	for _, test := range []struct {
		path string
		want int
	}{
		{"/machines/2/stop", http.StatusSeeOther},
		{"/machines/8/retry", http.StatusSeeOther},
		{"/machines/7/release", http.StatusSeeOther},
		{"/machines/9/confirm", http.StatusSeeOther},
		{"/machines/1/stop", http.StatusConflict},
		{"/machines/99/stop", http.StatusNotFound},
		{"/machines/x/stop", http.StatusNotFound},
	} {
		if resp, _ := call(t, s, "POST", test.path, goodSecret, url.Values{}); resp.StatusCode != test.want {
			t.Errorf("%s: %s, want %d", test.path, resp.Status, test.want)
		}
		if resp, _ := call(t, s, "GET", test.path, goodSecret, nil); resp.StatusCode != http.StatusMethodNotAllowed {
			t.Errorf("GET %s: %s; a link must change nothing", test.path, resp.Status)
		}
	}
	if v, _ := op.Machine(t.Context(), 2); v.Log[0].Actor != "m.durand" {
		t.Errorf("stopped by %q", v.Log[0].Actor)
	}
}

func TestPagesEscape(t *testing.T) {
	op := workshop()
	v, err := op.Machine(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	const hostile = `<script>alert(1)</script>"'>`
	v.Machine.Inventory.System.Product, v.Machine.Inventory.System.Serial = hostile, hostile
	v.Machine.Inventory.Drives[0].Model, v.Waiting = hostile, hostile
	v.Log[0].Text = hostile
	op.Put(v)
	if v, err = op.Machine(t.Context(), 15); err != nil {
		t.Fatal(err)
	}
	d := v.Job.Drives[0]
	d.Drive.Bay, d.Reason, d.Proof, d.Advice, d.IEEE, d.Level = hostile, hostile, hostile, hostile, hostile, hostile
	d.Journal.Method, d.Journal.Stage = hostile, hostile
	a := &d.Evidence.Attempts[0]
	a.Method, a.NotRun, a.Error, a.Markers.Note = hostile, hostile, hostile, hostile
	a.Commands[0].Name, a.Commands[0].Error, d.Evidence.State, d.Evidence.HealthBefore.Error = hostile, hostile, hostile, hostile
	v.Blocked = []string{hostile}
	v.Machine.Inventory.Storage = []api.StorageDevice{{Kind: hostile, Address: hostile, Name: hostile, State: hostile, Drives: []string{hostile}}}
	op.Put(v)
	op.SetWithdrawn(imager.Withdrawn{ID: hostile, Machine: 15, Drive: d.ID, Model: hostile, Serial: hostile, Seal: hostile, Reason: hostile, By: hostile},
		imager.Withdrawn{ID: "x", Destroyed: &imager.Destruction{Who: hostile, How: hostile, By: hostile}})
	for _, path := range []string{"/", "/machines/1", "/machines/15", "/withdrawn"} {
		resp, body := call(t, site(t, op), "GET", path, goodSecret, nil)
		if resp.StatusCode != http.StatusOK || !strings.Contains(body, "alert(1)") || strings.Contains(body, "<script>alert") {
			t.Errorf("%s: %s; a machine's words are not shown, or not escaped", path, resp.Status)
		}
	}
}

func TestErrors(t *testing.T) {
	op := bench()
	s := site(t, op)
	if resp, _ := call(t, s, "GET", "/machines/99", goodSecret, nil); resp.StatusCode != http.StatusNotFound {
		t.Errorf("unknown machine: %s", resp.Status)
	}
	op.Fail(errors.New("secret detail"))
	resp, body := call(t, s, "GET", "/", goodSecret, nil)
	if resp.StatusCode != http.StatusInternalServerError || strings.Contains(body, "secret detail") {
		t.Errorf("unknown error: %s %s", resp.Status, body)
	}
}
