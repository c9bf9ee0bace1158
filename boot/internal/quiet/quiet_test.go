package quiet

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		l := New(slog.New(slog.NewTextHandler(&out, nil)), time.Now)
		for range 1000 {
			l.Log(slog.LevelWarn, "a", "too much")
			l.Log(slog.LevelDebug, "b", "not enabled, and no line of b's")
		}
		if n := strings.Count(out.String(), "too much"); n != Burst {
			t.Errorf("%d lines at once, want %d", n, Burst)
		}
		l.Log(slog.LevelInfo, "b", "heard")
		if !strings.Contains(out.String(), "msg=heard") {
			t.Error("one machine hides another's lines")
		}
		out.Reset()
		time.Sleep(3 * Every)
		for range 1000 {
			l.Log(slog.LevelWarn, "a", "again")
		}
		if n := strings.Count(out.String(), "again"); n != 3 {
			t.Errorf("%d lines after %v, want 3", n, 3*Every)
		}
		if want := fmt.Sprintf("unlogged=%d", 1000-Burst); !strings.Contains(out.String(), want) {
			t.Errorf("no %s in %s", want, out.String())
		}
		time.Sleep(time.Hour)
		out.Reset()
		for range 1000 {
			l.Log(slog.LevelWarn, "a", "later")
		}
		if n := strings.Count(out.String(), "later"); n != Burst {
			t.Errorf("%d lines after an hour, want %d", n, Burst)
		}
	})
}

func TestSubjectsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		l := New(slog.New(slog.NewTextHandler(&out, nil)), time.Now)
		for n := range 2 * maxSubjects {
			l.Log(slog.LevelWarn, fmt.Sprint("subject ", n), "line")
		}
		if n := strings.Count(out.String(), "line"); n != maxSubjects+Burst {
			t.Errorf("%d lines of %d subjects, want %d", n, 2*maxSubjects, maxSubjects+Burst)
		}
		if n := len(l.subjects); n > maxSubjects+1 {
			t.Errorf("%d subjects are remembered", n)
		}
	})
}
