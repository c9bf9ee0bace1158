package web_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
)

// next reads one event.
func next(t *testing.T, r *bufio.Reader) (change struct {
	Parts map[string]string
	Order []string
	Boots []string
}) {
	t.Helper()
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		if data, ok := strings.CutPrefix(line, "data: "); ok {
			if err := json.Unmarshal([]byte(data), &change); err != nil {
				t.Fatal(err)
			}
			return change
		}
	}
}

func TestEvents(t *testing.T) {
	op := bench()
	s := site(t, op)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, "GET", s.URL+"/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.AddCookie(&http.Cookie{Name: "__Host-regain", Value: goodSecret})
	resp, err := s.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if ct := resp.Header.Get("Content-Type"); ct != "text/event-stream" {
		t.Fatalf("content type %q", ct)
	}
	stream := bufio.NewReader(resp.Body)
	if first := next(t, stream); len(first.Parts) != 12 || len(first.Order) != 10 {
		t.Fatalf("the first event has %d parts of %d machines, want all", len(first.Parts), len(first.Order))
	}
	if err := op.Stop(ctx, "x", 3, "wrong machine"); err != nil {
		t.Fatal(err)
	}
	second := next(t, stream)
	if len(second.Parts) != 2 || !strings.Contains(second.Parts["m-3"], "Wrong machine") || second.Parts["summary"] == "" {
		t.Errorf("after a stop came %v, want machine 3 and the summary", second.Parts)
	}
	op.Forget(10)
	if third := next(t, stream); len(third.Order) != 9 {
		t.Errorf("after a machine was forgotten the order is %v", third.Order)
	}
}
