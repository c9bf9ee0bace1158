package hostile

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"regain.example/boot"
	"regain.example/boot/esp/esptest"
	"regain.example/cmd/internal/appliance"
	"regain.example/cmd/internal/lan"
	"regain.example/cmd/internal/vbench"
	"regain.example/imager/admin"
)

// site is a workshop with a running controller and two benches.
type site struct {
	*lan.LAN
	dir   string
	files map[string][]byte // what machines boot
	proc  *vbench.Process
	good  *lan.Space // boots as it should
	bad   *lan.Space // does not
	page  *http.Client
	admin *admin.Client

	badMachine *machine // that of bad, once it has an address
}

// newSite starts the controller; lines are more of its configuration's table of
// the bench.
func newSite(t *testing.T, lines ...string) *site {
	t.Helper()
	l, err := lan.New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { check(t, l.Close()) })
	s := &site{LAN: l, dir: t.TempDir(), files: map[string][]byte{}}
	s.good, s.bad = s.plugIn(t), s.plugIn(t)
	s.page = &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{
		DialContext: l.Desk.Dial, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	s.admin = admin.NewClient(filepath.Join(s.dir, "admin.sock"))
	s.fillBootDir(t)
	s.start(t, lines)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the end of the controller's log:\n%s", tail(s.log(t), 4000))
		}
	})
	return s
}

func (s *site) plugIn(t *testing.T) *lan.Space {
	t.Helper()
	b, err := s.Bench()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// fillBootDir makes files of the size that they have in earnest.
func (s *site) fillBootDir(t *testing.T) {
	t.Helper()
	check(t, os.Mkdir(filepath.Join(s.dir, "boot"), 0o755))
	sizes := map[string]int{boot.FileKernel: 8 << 20, boot.FileInitramfs: 6 << 20}
	for _, f := range boot.Files() {
		sizes[f.Name] = 200_000
	}
	for name, size := range sizes {
		content := make([]byte, size)
		rand.Read(content)
		s.files[name] = content
		check(t, os.WriteFile(filepath.Join(s.dir, "boot", name), content, 0o644))
	}
	check(t, esptest.Write(filepath.Join(s.dir, "boot"), esptest.Template()))
}

func (s *site) configFile() string { return filepath.Join(s.dir, "regain.toml") }

func (s *site) start(t *testing.T, lines []string) {
	t.Helper()
	check(t, os.WriteFile(s.configFile(), fmt.Appendf(nil,
		"state_dir = %q\nboot_dir = %q\n[bench]\ninterface = %q\naddress = %q\n%s\n[admin]\nlisten = \"%s:8444\"\nsocket = %q\n",
		filepath.Join(s.dir, "state"), filepath.Join(s.dir, "boot"), vbench.Bridge, vbench.Address, strings.Join(lines, "\n"),
		lan.OfficeAddress.Addr(), filepath.Join(s.dir, "admin.sock")), 0o600))
	log, err := os.Create(filepath.Join(s.dir, "log"))
	check(t, err)
	defer log.Close()
	cmd := exec.Command(program, "serve", "--config", s.configFile())
	cmd.Stderr = log
	s.proc, err = s.Start(cmd)
	check(t, err)
	for range 300 {
		if _, err := s.admin.Profiles(t.Context()); err == nil {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("the controller does not answer; its log:\n%s", s.log(t))
}

func (s *site) log(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(s.dir, "log"))
	check(t, err)
	return string(b)
}

// stop ends the controller as systemd does, and wants it to end well.
func (s *site) stop(t *testing.T) {
	t.Helper()
	s.proc.Signal(syscall.SIGTERM)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if err := s.proc.Wait(ctx); err != nil {
		t.Errorf("the controller's end: %v", err)
	}
}

// metrics are the figures at /metrics, by name with labels.
func (s *site) metrics(t *testing.T) map[string]float64 {
	t.Helper()
	token, err := os.ReadFile(filepath.Join(s.dir, "state", appliance.TokenFile))
	check(t, err)
	r, err := http.NewRequestWithContext(t.Context(), "GET", fmt.Sprintf("https://%s:8444/metrics", lan.OfficeAddress.Addr()), nil)
	check(t, err)
	r.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(token)))
	resp, err := s.page.Do(r)
	check(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != 200 {
		t.Fatalf("metrics: %s, %v", resp.Status, err)
	}
	found := map[string]float64{}
	for _, m := range regexp.MustCompile(`(?m)^([a-z_]+(?:\{[^}]*\})?) ([0-9.e+-]+)$`).FindAllStringSubmatch(string(body), -1) {
		found[m[1]], err = strconv.ParseFloat(m[2], 64)
		check(t, err)
	}
	return found
}

// sum adds up the figures of one name, whatever their labels, that hold all of
// the texts.
func sum(metrics map[string]float64, name string, texts ...string) float64 {
	total := 0.0
	for full, v := range metrics {
		has := func(text string) bool { return strings.Contains(full, text) }
		if base, _, _ := strings.Cut(full, "{"); base == name && !slices.ContainsFunc(texts, func(text string) bool { return !has(text) }) {
			total += v
		}
	}
	return total
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func tail(s string, n int) string { return s[max(0, len(s)-n):] }
