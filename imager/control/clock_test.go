package control

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"
)

func TestClock(t *testing.T) {
	built := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	var log bytes.Buffer
	var now time.Time
	c := newClock(func() time.Time { return now }, built, built.Add(48*time.Hour), slog.New(slog.NewTextHandler(&log, nil)))
	for _, step := range []struct {
		at     time.Time
		says   string
		logged int // lines so far
	}{
		{built.Add(-time.Hour), "not set", 1},
		{built.Add(-time.Hour), "not set", 1},
		{built.Add(time.Hour), "stepped back", 1}, // before the newest record
		{built.Add(72 * time.Hour), "", 2},
		{built.Add(72*time.Hour - time.Second), "", 2}, // NTP slews
		{built.Add(71 * time.Hour), "stepped back", 3},
		{built.Add(73 * time.Hour), "", 4},
	} {
		now = step.at
		if got := c.now(); !got.Equal(step.at) || got.Location() != time.UTC {
			t.Errorf("%s became %s", step.at, got)
		}
		if why := c.trouble(); !strings.Contains(why, step.says) || (why == "") != (step.says == "") {
			t.Errorf("at %s: %q, want %q", step.at, why, step.says)
		}
		if lines := strings.Count(log.String(), "\n"); lines != step.logged {
			t.Errorf("at %s: %d lines were logged, want %d", step.at, lines, step.logged)
		}
	}
}

func TestBucket(t *testing.T) {
	b := bucket{per: time.Second, burst: 3}
	now := time.Unix(100, 0)
	taken := 0
	for range 10 {
		if b.take(now) {
			taken++
		}
	}
	if taken != 3 {
		t.Errorf("%d at once, want 3", taken)
	}
	if !b.take(now.Add(time.Second)) || b.take(now.Add(time.Second)) {
		t.Error("one a second is not what it lets through")
	}
	if b.take(now.Add(-time.Hour)) {
		t.Error("a clock stepped back earns something")
	}
}

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"plain é 漢": "plain é 漢", "a\nb": "a b", "\x1b[2J": " [2J", "\u202etxt": " txt",
		strings.Repeat("x", 501): strings.Repeat("x", 500) + "…",
	} {
		if got := clean(in); got != want {
			t.Errorf("%q became %q", in, got)
		}
	}
}
