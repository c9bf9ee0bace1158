package bench_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"regain.example/agent/api"
	"regain.example/imager/bench"
	"regain.example/imager/bolt"
	"regain.example/imager/control"
)

func TestBadRequests(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		a := r.on(inventory(drive(0)))
		post := func(path, body string) *httptest.ResponseRecorder {
			request := httptest.NewRequestWithContext(t.Context(), "POST", path, strings.NewReader(body))
			request.Header.Set("Authorization", "Bearer "+a.bearer())
			w := httptest.NewRecorder()
			r.api.ServeHTTP(w, request)
			return w
		}
		for name, c := range map[string]struct {
			path, body string
			status     int
		}{
			"not JSON":          {"/agent/v1/report", "x", 400},
			"empty":             {"/agent/v1/register", "", 400},
			"two values":        {"/agent/v1/report", "{} {}", 400},
			"too large":         {"/agent/v1/report", `{"reports":[{"message":"` + strings.Repeat("x", 9<<20) + `"}]}`, 400},
			"registration":      {"/agent/v1/register", `{"version":1,"nonce":"` + strings.Repeat("x", 1<<20) + `"}`, 400},
			"bad nonce":         {"/agent/v1/register", `{"version":1,"nonce":"x"}`, 400},
			"no such path":      {"/agent/v2/register", "{}", 400},
			"wrong method":      {"/agent/v1/order", "{}", 400},
			"first boot, token": {"/first-boot/v1/x", "{}", 410},
			"first boot, job":   {"/first-boot/v1/01ARZ3NDEKTSV4RRFFQ69G5FAV.x", "{}", 410},
			"first boot, large": {"/first-boot/v1/x", `{"hostname":"` + strings.Repeat("x", 1<<16) + `"}`, 400},
		} {
			time.Sleep(time.Second)
			w := post(c.path, c.body)
			var p api.Problem
			if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || w.Code != c.status || p.Message == "" {
				t.Errorf("%s: %d %s", name, w.Code, w.Body)
			}
		}
		refused(t, r.call("GET", "/agent/v1/order?after=-1", a.bearer(), nil, nil), api.CodeBadRequest)
	})
}

func TestRateOfOneClient(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		var busy error
		n := 0
		for ; busy == nil && n < 1000; n++ {
			if err := r.call("POST", "/first-boot/v1/x", "", api.FirstBoot{}, nil); err.(*api.Problem).Code == api.CodeBusy {
				busy = err
			}
		}
		refused(t, busy, api.CodeBusy)
		if n < 20 || n > 200 {
			t.Errorf("busy after %d requests", n)
		}
		time.Sleep(10 * time.Second)
		refused(t, r.call("POST", "/first-boot/v1/x", "", api.FirstBoot{}, nil), api.CodeClosed)
	})
}

// FuzzEndpoints wants of any body at any endpoint that the handler answers, that
// a refusal is a Problem, and that the store stays consistent.
func FuzzEndpoints(f *testing.F) {
	store, err := bolt.Open(filepath.Join(f.TempDir(), "fuzz.db"))
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() {
		if err := store.Check(); err != nil {
			f.Error(err)
		}
		store.Close()
	})
	log := slog.New(slog.DiscardHandler)
	now := time.Now()
	clock := func() time.Time { now = now.Add(10 * time.Second); return now } // no rate to run into
	shelf := shelf()
	c, err := control.New(f.Context(), store, &shelf, seed, control.Config{
		Secret: make([]byte, 32), Now: time.Now, Log: log,
	})
	if err != nil {
		f.Fatal(err)
	}
	h := bench.Handler(c, log, clock)
	serve := func(path, bearer string, body []byte) *httptest.ResponseRecorder {
		r := httptest.NewRequest("POST", path, bytes.NewReader(body))
		r.Header.Set("Authorization", "Bearer "+bearer)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	d, err := c.BootDecision(f.Context(), control.BootClient{MAC: mac1, UUID: uuid1})
	if err != nil {
		f.Fatal(err)
	}
	hello, err := json.Marshal(api.RegisterRequest{Version: 1, Token: d.Token, Nonce: strings.Repeat("a", 32), Inventory: inventory(drive(0))})
	if err != nil {
		f.Fatal(err)
	}
	var session api.RegisterReply
	if err := json.Unmarshal(serve("/agent/v1/register", "", hello).Body.Bytes(), &session); err != nil || session.Key == "" {
		f.Fatal(err, session)
	}
	paths := []string{"/agent/v1/register", "/agent/v1/report", "/agent/v1/progress", "/first-boot/v1/x"}
	f.Add(0, hello)
	f.Add(1, []byte(`{"reports":[{"seq":1,"kind":"drive-evidence","erase":{"attempts":[{}]}}]}`))
	f.Add(2, []byte(`{"job":"x","drives":[{"done":1}]}`))
	f.Add(3, []byte(`{"hostname":"x"}`))
	f.Fuzz(func(t *testing.T, which int, body []byte) {
		w := serve(paths[uint(which)%uint(len(paths))], session.Session+":"+session.Key, body)
		if w.Code < 400 {
			return
		}
		var p api.Problem
		if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || p.Code == "" || p.Code == api.CodeInternal {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	})
}
