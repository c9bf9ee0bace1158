package link

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"regain.example/agent/api"
)

// Another key than the pinned one is refused before a byte of the token is
// sent, even by a certificate that would otherwise do.
func TestWrongPinIsRefused(t *testing.T) {
	c := newController(t)
	var reached atomic.Bool
	c.fault = func(http.ResponseWriter, *http.Request) bool { reached.Store(true); return false }
	other := newController(t)
	params := c.params()
	params.Pin = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	if params.Pin == other.pin() {
		t.Fatal("the test's wrong pin is right")
	}
	l := &listener{}
	client, err := New(Options{Params: params, Registrar: machine{}, Listener: l, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	client.backoff = backoff{first: 2 * time.Millisecond, last: 10 * time.Millisecond}
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if err := client.Run(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Run ended with %v", err)
	}
	if reached.Load() {
		t.Error("a request reached the server")
	}
	if len(l.troubles) == 0 || !errors.Is(l.troubles[0], ErrPin) {
		t.Errorf("told %v, want ErrPin", l.troubles)
	}
}

func TestPinOfParameters(t *testing.T) {
	for _, pin := range []string{"", "short", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "!AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"} {
		if _, err := pinned(pin); err == nil {
			t.Errorf("pin %q is accepted", pin)
		}
	}
}

func TestCheckPinWithoutCertificate(t *testing.T) {
	if err := checkPin(nil, make([]byte, 32)); !errors.Is(err, ErrPin) {
		t.Errorf("no certificate: %v", err)
	}
}

func TestProblem(t *testing.T) {
	for _, test := range []struct {
		body string
		code api.Code
	}{
		{`{"code":"storage","message":"disk full"}`, api.CodeStorage},
		{`{}`, ""},
		{`<html>proxy</html>`, ""},
		{``, ""},
	} {
		err := problem(http.StatusInsufficientStorage, []byte(test.body))
		if err == nil || code(err) != test.code {
			t.Errorf("%q: %v, code %q", test.body, err, code(err))
		}
	}
}
