package admin_test

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/user"
	"path/filepath"
	"strings"
	"testing"

	"regain.example/agent/api"
	"regain.example/imager"
	"regain.example/imager/admin"
	"regain.example/imager/imagertest"
)

// start serves op on a socket and returns a client of it.
func start(t *testing.T, op imager.Operator) (*admin.Client, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "run", "admin.sock")
	l, err := admin.Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	server := admin.NewServer(op, slog.New(slog.DiscardHandler))
	done := make(chan error, 1)
	go func() { done <- server.Serve(l) }()
	t.Cleanup(func() {
		server.Close()
		if err := <-done; !errors.Is(err, http.ErrServerClosed) {
			t.Errorf("serve: %v", err)
		}
		if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("the socket is left behind: %v", err)
		}
	})
	return admin.NewClient(path), path
}

func bench() *imagertest.Operator {
	return imagertest.New(imagertest.At, imagertest.Profiles(), imagertest.Bench()...)
}

func TestApprove(t *testing.T) {
	op := bench()
	c, _ := start(t, op)
	ctx := t.Context()
	v, err := c.Machine(ctx, 1)
	if err != nil {
		t.Fatal(err)
	}
	var ids []api.DriveID
	for _, d := range v.Machine.Inventory.Drives {
		if d.Excluded == "" {
			ids = append(ids, d.ID())
		}
	}
	if _, err := c.Approve(ctx, imager.Approval{Machine: 1, Profile: "debian", Drives: ids[:1]}); !errors.Is(err, imager.ErrConflict) {
		t.Errorf("one of two drives: %v, want ErrConflict", err)
	}
	job, err := c.Approve(ctx, imager.Approval{Machine: 1, Profile: "debian", Drives: ids})
	if err != nil {
		t.Fatal(err)
	}
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	if want := "local:" + me.Username; job.ApprovedBy != want {
		t.Errorf("approved by %q, want %q", job.ApprovedBy, want)
	}
	if len(job.Drives) != 2 || job.State != imager.JobApproved {
		t.Errorf("job %+v", job)
	}
}

func TestActions(t *testing.T) {
	op := bench()
	c, _ := start(t, op)
	ctx := t.Context()
	for _, test := range []struct {
		name    string
		do      func() error
		machine int
		want    imager.JobState
	}{
		{"stop", func() error { return c.Stop(ctx, 3, "wrong one") }, 3, imager.JobCancelled},
		{"retry", func() error { return c.Retry(ctx, 8) }, 8, imager.JobInstalling},
		{"confirm", func() error { return c.Confirm(ctx, 9) }, 9, imager.JobDone},
	} {
		if err := test.do(); err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
		if v, err := c.Machine(ctx, test.machine); err != nil || v.Job.State != test.want {
			t.Errorf("%s: state %v, %v; want %s", test.name, v.Job, err, test.want)
		}
	}
	if err := c.Release(ctx, 7); err != nil {
		t.Error(err)
	}
	if v, err := c.Machine(ctx, 7); err != nil || v.Machine.Halted != "" {
		t.Errorf("release: %q, %v", v.Machine.Halted, err)
	}
	if v, _ := c.Machine(ctx, 3); v.Job.Reason != "wrong one" {
		t.Errorf("the reason did not arrive: %q", v.Job.Reason)
	}
	if all, err := c.Machines(ctx); err != nil || len(all) != 10 {
		t.Errorf("%d machines, %v", len(all), err)
	}
	if all, err := c.Profiles(ctx); err != nil || len(all) != 2 {
		t.Errorf("%d profiles, %v", len(all), err)
	}
}

func TestRefusals(t *testing.T) {
	op := bench()
	c, _ := start(t, op)
	ctx := t.Context()
	if _, err := c.Machine(ctx, 99); !errors.Is(err, imager.ErrNotFound) || !strings.Contains(err.Error(), "machine 99") {
		t.Errorf("unknown machine: %v", err)
	}
	if err := c.Retry(ctx, 1); !errors.Is(err, imager.ErrConflict) {
		t.Errorf("retry without job: %v", err)
	}
	op.Fail(imager.ErrStorage)
	if err := c.Stop(ctx, 3, ""); !errors.Is(err, imager.ErrStorage) {
		t.Errorf("full disk: %v", err)
	}
	op.Fail(errors.New("something else"))
	var refusal *admin.Refusal
	if _, err := c.Machines(ctx); !errors.As(err, &refusal) || refusal.Unwrap() != nil {
		t.Errorf("unknown error: %v", err)
	}
	if _, err := admin.NewClient(filepath.Join(t.TempDir(), "none")).Machines(ctx); !errors.Is(err, admin.ErrUnreachable) {
		t.Errorf("no controller: %v, want ErrUnreachable", err)
	}
}

// TestNoActorNoEntry shows that the handler trusts nothing but the socket's
// credentials: over TCP there are none.
func TestNoActorNoEntry(t *testing.T) {
	server := httptest.NewUnstartedServer(admin.NewHandler(bench()))
	server.Config.ConnContext = admin.ConnContext
	server.Start()
	defer server.Close()
	for _, path := range []string{"/v1/machines", "/v1/machines/3", "/v1/profiles", "/v1/withdrawn", "/v1/evidence/" + strings.Repeat("a", 64)} {
		resp, err := http.Get(server.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusForbidden {
			t.Errorf("%s over TCP: %s, want 403", path, resp.Status)
		}
	}
}

func TestBadRequests(t *testing.T) {
	_, path := start(t, bench())
	client := http.Client{Transport: &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
		return net.Dial("unix", path)
	}}}
	for _, test := range []struct {
		path, body string
		want       int
	}{
		{"/v1/machines/x/stop", "{}", 400},
		{"/v1/machines/0/stop", "{}", 400},
		{"/v1/machines/3/stop", "", 400},
		{"/v1/machines/3/stop", `{"reasons":"x"}`, 400},
		{"/v1/machines/1/approve", `{"machine":2,"profile":"debian","drives":[]}`, 400},
		{"/v1/machines/1/approve", `{"machine":1,` + strings.Repeat(" ", 2<<20) + `}`, 400},
		{"/v1/machines/1/erase", "{}", 404},
	} {
		resp, err := client.Post("http://x"+test.path, "application/json", strings.NewReader(test.body))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != test.want {
			t.Errorf("%s %.40s: %s, want %d", test.path, test.body, resp.Status, test.want)
		}
	}
}

func TestListen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "admin.sock")
	first, err := admin.Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v; want 0600", info.Mode(), err)
	}
	if _, err := admin.Listen(path); !errors.Is(err, admin.ErrRunning) {
		t.Errorf("second controller: %v, want ErrRunning", err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}

	// A controller that was killed leaves its socket behind.
	stale, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	stale.SetUnlinkOnClose(false)
	stale.Close()
	next, err := admin.Listen(path)
	if err != nil {
		t.Fatalf("a stale socket: %v", err)
	}
	next.Close()

	if err := os.WriteFile(path, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := admin.Listen(path); err == nil {
		t.Error("a file that is no socket was replaced")
	}
	if b, _ := os.ReadFile(path); string(b) != "precious" {
		t.Error("the file is gone")
	}
}
