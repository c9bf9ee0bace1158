package link

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"regain.example/agent/api"
	"regain.example/agent/api/cmdline"
)

// controller is a working controller in memory, with faults on demand.
type controller struct {
	*httptest.Server

	mu        sync.Mutex
	sessions  int // opened so far; the last one is known
	known     bool
	requests  []api.RegisterRequest
	kept      []api.Report // of all sessions, in order of arrival
	durable   uint64
	order     api.Order
	progress  []api.Progress
	sameAgain bool // a registration in the same session is answered with it

	// fault answers a request in the controller's place if it returns true.
	fault func(w http.ResponseWriter, r *http.Request) bool
}

func newController(t *testing.T) *controller {
	t.Helper()
	c := &controller{order: api.Order{Revision: 1, Kind: api.OrderWait}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /agent/v1/register", c.register)
	mux.HandleFunc("POST /agent/v1/report", c.authorised(c.report))
	mux.HandleFunc("GET /agent/v1/order", c.authorised(c.orders))
	mux.HandleFunc("POST /agent/v1/progress", c.authorised(c.takeProgress))
	c.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.mu.Lock()
		fault := c.fault
		c.mu.Unlock()
		if fault == nil || !fault(w, r) {
			mux.ServeHTTP(w, r)
		}
	}))
	// What the tests provoke on purpose is not to be logged.
	c.Server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	c.Server.StartTLS()
	t.Cleanup(c.Server.Close)
	return c
}

func (c *controller) pin() string {
	sum := sha256.Sum256(c.Certificate().RawSubjectPublicKeyInfo)
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func (c *controller) params() cmdline.Params {
	return cmdline.Params{Controller: c.URL, Pin: c.pin(), Token: "token"}
}

func (c *controller) set(f func(c *controller)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f(c)
}

func (c *controller) register(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var q api.RegisterRequest
	if err := json.NewDecoder(r.Body).Decode(&q); err != nil || q.Token != "token" {
		refuse(w, http.StatusForbidden, api.CodeToken)
		return
	}
	c.requests = append(c.requests, q)
	if !c.known && !c.sameAgain || c.sessions == 0 {
		c.sessions++
		c.durable = 0
	}
	c.known = true
	reply(w, api.RegisterReply{Version: api.Version, Session: fmt.Sprint("s", c.sessions), Key: "key",
		Machine: api.MachineLabel{Number: 7}, Durable: c.durable})
}

func (c *controller) authorised(h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c.mu.Lock()
		ok := c.known && r.Header.Get("Authorization") == fmt.Sprintf("Bearer s%d:key", c.sessions)
		c.mu.Unlock()
		if !ok {
			refuse(w, http.StatusUnauthorized, api.CodeUnknownSession)
			return
		}
		h(w, r)
	}
}

// report keeps what continues the session and refuses a gap.
func (c *controller) report(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var q api.ReportRequest
	if err := json.NewDecoder(r.Body).Decode(&q); err != nil {
		refuse(w, http.StatusBadRequest, api.CodeBadRequest)
		return
	}
	for _, x := range q.Reports {
		switch {
		case x.Seq <= c.durable: // seen before
		case x.Seq == c.durable+1:
			c.kept = append(c.kept, x)
			c.durable++
		default:
			c.known = false
			refuse(w, http.StatusConflict, api.CodeBehind)
			return
		}
	}
	reply(w, api.ReportReply{Durable: c.durable})
}

func (c *controller) orders(w http.ResponseWriter, r *http.Request) {
	for range 20 {
		c.mu.Lock()
		o := c.order
		c.mu.Unlock()
		if r.URL.Query().Get("after") != fmt.Sprint(o.Revision) {
			reply(w, o)
			return
		}
		select {
		case <-r.Context().Done():
			return
		case <-time.After(5 * time.Millisecond):
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	reply(w, c.order)
}

func (c *controller) takeProgress(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var p api.Progress
	if err := json.NewDecoder(r.Body).Decode(&p); err == nil {
		c.progress = append(c.progress, p)
	}
	w.WriteHeader(http.StatusNoContent)
}

// messages are those of the reports kept, in order.
func (c *controller) messages() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []string
	for _, r := range c.kept {
		out = append(out, r.Message)
	}
	return strings.Join(out, " ")
}

func reply(w http.ResponseWriter, v any) { _ = json.NewEncoder(w).Encode(v) }

func refuse(w http.ResponseWriter, status int, code api.Code) {
	w.WriteHeader(status)
	reply(w, api.Problem{Code: code, Message: "refused"})
}

// cut breaks the connection in the middle of the request.
func cut(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	panic(http.ErrAbortHandler)
}
