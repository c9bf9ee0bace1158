package metrics_test

import (
	"context"
	"errors"
	"flag"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"regain.example/agent/api"
	"regain.example/imager"
	"regain.example/imager/imagertest"
	"regain.example/imager/metrics"
)

var update = flag.Bool("update", false, "write the golden files anew")

func scrape(t *testing.T, m *metrics.Metrics) string {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, "/metrics", nil)
	r.Header.Set("Authorization", "Bearer token")
	w := httptest.NewRecorder()
	m.Handler("token").ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		t.Fatalf("scrape: %d %s", w.Code, w.Body)
	}
	return w.Body.String()
}

// worked returns metrics after boots, an erasure that ends well, and one that
// does not.
func worked(t *testing.T) *metrics.Metrics {
	t.Helper()
	var m *metrics.Metrics
	synctest.Test(t, func(t *testing.T) {
		op := imagertest.New(imagertest.At, imagertest.Profiles(), append(imagertest.Bench(), imagertest.Erasures()...)...)
		op.SetWithdrawn(imagertest.WithdrawnDrives()...)
		op.SetBoots(imagertest.OnTheWay())
		m = metrics.New(op, "1.2.3")
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- m.Follow(ctx, op) }()
		synctest.Wait()

		v, err := op.Machine(ctx, 3)
		if err != nil {
			t.Fatal(err)
		}
		job := *v.Job
		v.Job = &job
		erased(&job)
		op.Put(v)
		sanitized(t, op)
		time.Sleep(time.Minute)
		op.Put(v) // told twice, counted once
		time.Sleep(time.Minute)

		cancel()
		if err := <-ended; err != nil {
			t.Errorf("follow: %v", err)
		}
	})
	m.DHCP("discover")
	m.DHCP("offer")
	m.DHCP("x\ny")
	m.TFTP("ok", 70000)
	m.TFTP("error", -1)
	m.HTTP("kernel", 200, 8_200_000)
	m.HTTP("image", 206, 4<<20)
	m.HTTP("WD-WCC2E7654321", 404, 0)
	m.HTTP("script", 9999, 0)
	return m
}

// erased ends the job of imagertest's machine 3: one drive is erased, the other's
// evidence is refused.
func erased(j *imager.Job) {
	at := imagertest.At()
	for i, outcome := range []imager.Outcome{imager.OutcomeErased, imager.OutcomeUnknown} {
		d := *j.Drives[i]
		d.Evidence = &api.DriveEvidence{Drive: d.ID, Attempts: []api.Attempt{{Method: api.MethodFormat, NotRun: "refused"}, {Method: api.MethodOverwrite}}}
		d.Outcome = outcome
		if outcome == imager.OutcomeErased {
			d.Level = imager.LevelClear
		}
		j.Drives[i] = &d
		j.Phases = append(j.Phases, imager.Phase{Phase: api.PhaseErase, Drive: d.ID, Began: at, Ended: at, Millis: 90_500, Bytes: 1000})
	}
	j.Phases = append(j.Phases,
		imager.Phase{Phase: api.PhaseVerify, Began: at}, // still under way: not counted
		imager.Phase{Phase: "stranger's phase", Began: at, Ended: at, Millis: 1})
	j.State = imager.JobQuarantined
}

// sanitized ends the job of imagertest's machine 11 as that of machine 14 ended: its
// drive has sanitized itself.
func sanitized(t *testing.T, op *imagertest.Operator) {
	t.Helper()
	v, err := op.Machine(t.Context(), 11)
	if err != nil {
		t.Fatal(err)
	}
	ended, err := op.Machine(t.Context(), 14)
	if err != nil {
		t.Fatal(err)
	}
	job := *v.Job
	job.Drives, job.State = ended.Job.Drives, ended.Job.State
	v.Job, v.Progress = &job, nil
	op.Put(v)
}

func TestExposition(t *testing.T) {
	got := scrape(t, worked(t))
	golden := filepath.Join("testdata", "exposition.txt")
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the exposition differs from %s (go test -update writes it anew):\n%s", golden, got)
	}
	for _, line := range []string{
		`regain_drive_outcomes_total{method="overwrite",outcome="erased"} 1`,
		`regain_drive_outcomes_total{method="overwrite",outcome="unknown"} 1`,
		`regain_boot_clients{stage="kernel"} 1`,
		`regain_boot_troubles{kind="third-party-ca"} 1`,
		`regain_boot_troubles{kind="no-answer"} 0`,
		`regain_dhcp_rivals 1`,
		`regain_phase_bytes_total{phase="erase"} 2000`,
		`regain_phase_duration_seconds_sum{phase="erase"} 181`,
		`regain_jobs_ended_total{state="quarantined"} 1`,
		`regain_dhcp_messages_total{message="other"} 1`,
		`regain_machines_halted 1`,
		`regain_machines_blocked 1`,
		`regain_drives_total{level="purge",method="nvme-sanitize-block",outcome="erased"} 1`,
		`regain_drives_total{level="none",method="overwrite",outcome="unknown"} 1`,
		`regain_erase_paused{reason="hot"} 1`,
		`regain_erase_paused{reason="sample-seed"} 1`,
		`regain_withdrawn_drives{state="sealed"} 2`,
		`regain_withdrawn_drives{state="destroyed"} 1`,
	} {
		if !strings.Contains(got, line+"\n") {
			t.Errorf("missing: %s", line)
		}
	}
}

func TestNoIdentityInLabels(t *testing.T) {
	got := scrape(t, worked(t))
	for _, v := range append(imagertest.Bench(), imagertest.Erasures()...) {
		for _, secret := range append([]string{v.Machine.Inventory.System.Serial, v.Machine.Inventory.System.UUID}, serials(v)...) {
			if strings.Contains(got, secret) {
				t.Errorf("the exposition holds %q", secret)
			}
		}
	}
}

// TestStrangersWordsAreNoLabels: what an agent makes up counts as other, or not at
// all.
func TestStrangersWordsAreNoLabels(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		op := imagertest.New(imagertest.At, imagertest.Profiles(), append(imagertest.Bench(), imagertest.Erasures()...)...)
		m := metrics.New(op, "1")
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go m.Follow(ctx, op)
		synctest.Wait()
		v, err := op.Machine(ctx, 12)
		if err != nil {
			t.Fatal(err)
		}
		job, drive, progress := *v.Job, *v.Job.Drives[0], *v.Progress
		drive.Evidence = &api.DriveEvidence{Drive: drive.ID, Attempts: []api.Attempt{{Method: "stranger's method"}}}
		job.Drives = []*imager.JobDrive{&drive}
		progress.Drives = []api.DriveProgress{{Drive: drive.ID, Phase: api.PhaseErase, Pause: "stranger's pause"}}
		v.Job, v.Progress = &job, &progress
		op.Put(v)
		time.Sleep(time.Minute)
		got := scrape(t, m)
		if strings.Contains(got, "stranger") {
			t.Error("an agent's word became a label")
		}
		if !strings.Contains(got, `regain_drives_total{level="none",method="other",outcome="unknown"} 1`) {
			t.Error("a drive erased by an unknown method is not counted as other")
		}
	})
}

func serials(v imager.View) (all []string) {
	for _, d := range v.Machine.Inventory.Drives {
		all = append(all, d.Serial)
	}
	return all
}

func TestLint(t *testing.T) {
	problems, err := promlint.New(strings.NewReader(scrape(t, worked(t)))).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}

func TestRestartCountsNothingTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		op := imagertest.New(imagertest.At, imagertest.Profiles(), imagertest.Bench()...)
		m := metrics.New(op, "1")
		ctx, cancel := context.WithCancel(t.Context())
		go m.Follow(ctx, op)
		synctest.Wait()
		cancel()
		synctest.Wait()
		if got := scrape(t, m); !strings.Contains(got, `regain_drive_outcomes_total{method="overwrite",outcome="erased"} 0`) {
			t.Error("outcomes from before the start were counted")
		}
	})
}

func TestScrapeToken(t *testing.T) {
	m := metrics.New(imagertest.New(imagertest.At, nil), "1")
	for _, header := range []string{"", "Bearer ", "Bearer wrong", "token", "Basic token", "bearer token "} {
		r := httptest.NewRequest(http.MethodGet, "/metrics", nil)
		if header != "" {
			r.Header.Set("Authorization", header)
		}
		w := httptest.NewRecorder()
		m.Handler("token").ServeHTTP(w, r)
		body, _ := io.ReadAll(w.Body)
		if w.Code != http.StatusUnauthorized || strings.Contains(string(body), "regain_machines") {
			t.Errorf("%q: %d %s", header, w.Code, body)
		}
	}
}

func TestScrapeOfBrokenStore(t *testing.T) {
	op := imagertest.New(imagertest.At, nil)
	m := metrics.New(op, "1")
	op.Fail(errors.New("disk full"))
	r := httptest.NewRequest(http.MethodGet, "/metrics", nil)
	r.Header.Set("Authorization", "Bearer token")
	w := httptest.NewRecorder()
	m.Handler("token").ServeHTTP(w, r)
	if w.Code != http.StatusInternalServerError {
		t.Errorf("a store that cannot be read gives %d, want 500: no figures are better than wrong ones", w.Code)
	}
}

func TestToken(t *testing.T) {
	file := filepath.Join(t.TempDir(), "token")
	token, err := metrics.Token(file)
	if err != nil || len(token) < 26 {
		t.Fatalf("%q, %v", token, err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v; want 0600", info.Mode(), err)
	}
	if again, err := metrics.Token(file); err != nil || again != token {
		t.Errorf("second start: %q, %v; want the same token", again, err)
	}
	if err := os.Chmod(file, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := metrics.Token(file); err == nil {
		t.Error("a token that everybody may read was taken")
	}
	if err := errors.Join(os.Chmod(file, 0o600), os.WriteFile(file, []byte("\n"), 0o600)); err != nil {
		t.Fatal(err)
	}
	if token, err := metrics.Token(file); err == nil {
		t.Errorf("an empty token was taken: %q", token)
	}
}
