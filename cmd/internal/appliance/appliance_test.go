package appliance

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"regain.example/boot"
	"regain.example/boot/esp"
	"regain.example/cmd/internal/config"
	"regain.example/imager/admin"
)

// TestMain runs the tests in a network namespace of their own, where a dummy bench
// interface lies. It needs root, as the controller does.
func TestMain(m *testing.M) { os.Exit(inNamespace(m)) }

// settings returns a configuration over fresh directories.
func settings(t *testing.T) config.Config {
	t.Helper()
	c := config.Default()
	c.StateDir, c.BootDir = filepath.Join(t.TempDir(), "state"), t.TempDir()
	c.Admin.Listen, c.Admin.Socket = "127.0.0.1:0", filepath.Join(t.TempDir(), "admin.sock")
	c.Bench.Interface, c.Bench.Address = benchInterface, netip.MustParsePrefix(benchAddress)
	names := []string{boot.FileKernel, boot.FileInitramfs}
	for _, f := range boot.Files() {
		names = append(names, f.Name)
	}
	for _, name := range names {
		if err := os.WriteFile(filepath.Join(c.BootDir, name), []byte(name), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(c.BootDir, esp.File), bootImage(), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	return c
}

// bootImage is a template with nothing in it but the place for GRUB's
// configuration.
func bootImage() []byte {
	const sectors = esp.ConfigBytes/512 + 64
	image := make([]byte, (esp.PartitionStart+sectors)*512)
	copy(image, esp.BootRecord(nil, sectors))
	copy(image[esp.PartitionStart*512:], esp.Placeholder())
	return image
}

// serve runs an appliance until the returned function is called.
func serve(t *testing.T, c config.Config) (a *Appliance, announced string, stop func()) {
	t.Helper()
	a, err := New(t.Context(), c, "test", time.Time{}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := a.Announce(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- a.Serve(ctx) }()
	return a, out.String(), func() {
		cancel()
		if err := errors.Join(<-done, a.Close()); err != nil {
			t.Errorf("serve: %v", err)
		}
	}
}

func browser(t *testing.T) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Jar: jar, Timeout: 30 * time.Second,
		Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
}

func get(t *testing.T, c *http.Client, url string, header ...string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

// TestFirstStart goes the way of an administrator: the link, the account, the
// page, the metrics, the socket, and a restart.
func TestFirstStart(t *testing.T) {
	c := settings(t)
	a, announced, stop := serve(t, c)
	link := regexp.MustCompile(`https://\S+/welcome/\S+`).FindString(announced)
	if link == "" {
		t.Fatalf("no link to the first account in %q", announced)
	}
	b := browser(t)
	resp, err := b.PostForm(link, url.Values{"name": {"m.durand"}, "password": {"Corr3ct-horse"}, "again": {"Corr3ct-horse"}})
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if status, body := get(t, b, a.URL()+"/"); status != 200 || !strings.Contains(body, "m.durand") {
		t.Errorf("the page after the first account was made: %d", status)
	}
	token, err := os.ReadFile(filepath.Join(c.StateDir, TokenFile))
	if err != nil {
		t.Fatal(err)
	}
	if status, body := get(t, b, a.URL()+"/metrics", "Authorization", "Bearer "+strings.TrimSpace(string(token))); status != 200 || !strings.Contains(body, "regain_machines{") {
		t.Errorf("metrics with the token: %d", status)
	}
	if status, _ := get(t, b, a.URL()+"/metrics"); status != 401 {
		t.Errorf("metrics with a login but no token: %d, want 401", status)
	}
	if all, err := admin.NewClient(c.Admin.Socket).Profiles(t.Context()); err != nil || len(all) != 1 {
		t.Errorf("profiles through the socket: %v, %v", all, err)
	}
	stop()
	if _, err := os.Lstat(c.Admin.Socket); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the socket is left behind: %v", err)
	}

	a, announced, stop = serve(t, c)
	defer stop()
	if strings.Contains(announced, "welcome") {
		t.Errorf("a second start offers a first account: %q", announced)
	}
	b = browser(t)
	resp, err = b.PostForm(a.URL()+"/login", url.Values{"name": {"m.durand"}, "password": {"Corr3ct-horse"}})
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if status, body := get(t, b, a.URL()+"/"); status != 200 || !strings.Contains(body, "m.durand") {
		t.Errorf("the account after a restart: %d", status)
	}
}

// TestBenchSideServesNoPeople: pages, metrics and socket are not to be had from the
// bench, and the agent API not on the people's side.
func TestBenchSideServesNoPeople(t *testing.T) {
	c := settings(t)
	c.Admin.Listen = "127.0.0.1:8444"
	a, _, stop := serve(t, c)
	defer stop()
	machine := browser(t)
	machine.Transport.(*http.Transport).DialContext = fromBench
	if _, body := get(t, machine, "http://10.77.0.1/boot.ipxe"); !strings.HasPrefix(body, "#!ipxe") {
		t.Fatalf("the bench does not reach the controller at all: %q", body)
	}
	for _, base := range []string{"http://10.77.0.1", "https://10.77.0.1:8443"} {
		for _, path := range []string{"/", "/login", "/metrics", "/events", "/welcome/x", "/machines/1", "/v1/machines", "/static/live.js"} {
			if status, body := get(t, machine, base+path); status < 400 || strings.Contains(body, "<html") {
				t.Errorf("%s%s from the bench: %d %.60q", base, path, status, body)
			}
		}
	}
	for _, address := range []string{"10.77.0.1:8444", "127.0.0.1:8444"} {
		if conn, err := fromBench(t.Context(), "tcp", address); err == nil {
			conn.Close()
			t.Errorf("%s can be reached from the bench", address)
		}
	}
	if status, _ := get(t, browser(t), a.URL()+"/agent/v1/order"); status != 404 {
		t.Errorf("the agent API on the people's side: %d, want 404", status)
	}
}

// TestNothingHalfStarted: if one port is taken, New names it and lets go of all
// others.
func TestNothingHalfStarted(t *testing.T) {
	c := settings(t)
	taken, err := net.ListenUDP("udp4", &net.UDPAddr{IP: c.Bench.Address.Addr().AsSlice(), Port: 69})
	if err != nil {
		t.Fatal(err)
	}
	_, err = New(t.Context(), c, "test", time.Time{}, slog.New(slog.DiscardHandler))
	if !errors.Is(err, unix.EADDRINUSE) || !strings.Contains(err.Error(), "port 69") {
		t.Errorf("with TFTP's port taken: %v", err)
	}
	taken.Close()
	_, _, stop := serve(t, c)
	stop()
}

// TestHandedOver takes the people's listener by the socket activation protocol.
func TestHandedOver(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	f, err := l.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	const at = 500 // far above what a test process has open
	all := strconv.Itoa(at - firstHandedOver + 1)
	names := strings.Repeat("other:", at-firstHandedOver) + "admin"
	for _, test := range []struct {
		name, pid, fds, names string
		want                  bool
	}{
		{"nothing", "", "", "", false},
		{"another process's", "1", all, names, false},
		{"another name", "", all, "web", false},
		{"beyond the count", "", "1", names, false},
		{"ours", "", all, names, true},
	} {
		t.Setenv("LISTEN_PID", test.pid)
		t.Setenv("LISTEN_FDS", test.fds)
		t.Setenv("LISTEN_FDNAMES", test.names)
		if test.want {
			if err := unix.Dup3(int(f.Fd()), at, unix.O_CLOEXEC); err != nil {
				t.Fatal(err)
			}
		}
		got, err := handedOver("admin")
		if err != nil || (got != nil) != test.want {
			t.Errorf("%s: %v, %v", test.name, got, err)
		}
		if got != nil {
			if got.Addr().String() != l.Addr().String() {
				t.Errorf("%s: listens on %s, want %s", test.name, got.Addr(), l.Addr())
			}
			got.Close()
		}
	}
}
