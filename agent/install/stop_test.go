package install

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"regain.example/agent/api"
	"regain.example/agent/firmware"
)

// stopAt is a reporter that cancels when a phase begins.
type stopAt struct {
	recorder
	phase  api.Phase
	cancel context.CancelFunc
}

func (s *stopAt) Began(p api.Phase, id api.DriveID) {
	s.recorder.Began(p, id)
	if p == s.phase {
		s.cancel()
	}
}

func TestStopped(t *testing.T) {
	raw := rawDisk(t, 16<<20, 512)
	p := compress(raw)
	for phase, where := range map[api.Phase]string{
		api.PhaseInstall:     "write the image",
		api.PhaseCheck:       "check the image",
		api.PhasePersonalise: "personalise",
		api.PhaseBootEntry:   "boot entry",
	} {
		t.Run(string(phase), func(t *testing.T) {
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			job := benchJob(t, publish(t, raw, p, 512, nil), newMemDrive(20<<20, 512), nil)
			rec := &stopAt{phase: phase, cancel: cancel}
			job.Reporter = rec
			ev, err := try(ctx, job)
			if !errors.Is(err, ErrStopped) || !strings.Contains(err.Error(), where) {
				t.Errorf("error %v, want %v with %q", err, ErrStopped, where)
			}
			if phase == api.PhaseCheck && ev.FramesVerified == ev.FramesTotal {
				t.Error("all frames verified in spite of the stop")
			}
			if len(rec.began) != len(rec.ended) {
				t.Errorf("phases began %v, ended %v", rec.began, rec.ended)
			}
		})
	}
}

// A stop while the firmware writes its variables is a stop, whatever came of the
// entry.
func TestStoppedAtTheLastMoment(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	job := benchJob(t, pack(t, rawDisk(t, 16<<20, 512), 512, nil), newMemDrive(20<<20, 512), nil)
	job.PutFirst = func(context.Context, firmware.ESP) (string, error) { cancel(); return "Boot0001", nil }
	if ev := Run(ctx, job); ev.Error == "" {
		t.Error("a cancelled installation ended well")
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// silence is a server that accepts the request and sends nothing, until the client
// gives up.
func silence(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, context.Cause(r.Context())
}

// An unreachable server is waited for, but not for ever, and not by hammering it.
func TestOutage(t *testing.T) {
	for name, c := range map[string]struct {
		trip roundTripper
		last string
	}{
		"refused": {func(*http.Request) (*http.Response, error) { return nil, errors.New("connection refused") }, "connection refused"},
		"503": {func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 503, Status: "503 Service Unavailable", Body: io.NopCloser(strings.NewReader(""))}, nil
		}, "503"},
		"silent": {silence, "sent nothing"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				asked := 0
				client := &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
					asked++
					return c.trip(r)
				})}
				began := time.Now()
				_, err := try(context.Background(), Job{
					Order:  api.InstallOrder{Image: "x", BaseURL: "http://192.0.2.1/"},
					Client: client, Reporter: &recorder{}})
				took := time.Since(began)
				if !errors.Is(err, ErrUnreachable) || !strings.Contains(err.Error(), c.last) || !strings.Contains(err.Error(), "network cable") {
					t.Errorf("error %v", err)
				}
				if took < outage || took > outage+2*time.Minute || asked > 300 {
					t.Errorf("gave up after %v and %d requests", took, asked)
				}
			})
		})
	}
}

// A stop is obeyed at once, even while a server is waited for.
func TestStoppedWhileWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeoutCause(context.Background(), 100*time.Second, errors.New("stopped from the page"))
		defer cancel()
		began := time.Now()
		_, err := try(ctx, Job{
			Order:    api.InstallOrder{Image: "x", BaseURL: "http://192.0.2.1/"},
			Client:   &http.Client{Transport: roundTripper(silence)},
			Reporter: &recorder{}})
		if !errors.Is(err, ErrStopped) || !strings.Contains(fmt.Sprint(err), "stopped from the page") || time.Since(began) != 100*time.Second {
			t.Errorf("after %v: %v", time.Since(began), err)
		}
	})
}
