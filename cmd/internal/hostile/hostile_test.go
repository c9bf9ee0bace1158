package hostile

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"regain.example/boot"
)

// attack is something that one bench does without end until ctx does; it returns
// how often it did it.
type attack struct {
	name string
	run  func(ctx context.Context, s *site) (int, error)
	// least is how often it must have been done for the test to mean
	// anything.
	least int
	// counted is a metric that must have grown, with labels that it must have.
	counted string
	labels  []string
}

// The bounds of what one bench can cost the controller, far above what a boot
// takes and far below what would harm it.
const (
	maxGoroutines = 1200
	maxFiles      = 1200
	maxMemory     = 400 << 20
	maxLogLines   = 600 // for each attack
	bootTime      = 90 * time.Second
)

// TestOthersGoOnBooting has one bench attack while another boots, by HTTP and by
// TFTP. What the attack costs is bounded, and is given back.
func TestOthersGoOnBooting(t *testing.T) {
	s := newSite(t)
	quiet := s.cost(t)
	for _, a := range attacks() {
		t.Run(a.name, func(t *testing.T) { s.endure(t, a, s.newcomers(t)) })
	}
	s.settles(t, quiet)
	s.stop(t)
}

// TestAddressFlood has one bench invent thousands of machines, while machines
// boot that were there before.
func TestAddressFlood(t *testing.T) {
	s := newSite(t)
	quiet := s.cost(t)
	known := s.newcomers(t)
	for _, m := range known {
		check(t, m.powerOn())
		if _, err := m.boot(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for _, a := range floods() {
		t.Run(a.name, func(t *testing.T) { s.endure(t, a, known) })
	}
	s.settles(t, quiet)
	s.stop(t)
}

// newcomers are a machine that boots by HTTP and one that boots by TFTP.
func (s *site) newcomers(t *testing.T) []*machine {
	t.Helper()
	return []*machine{s.newMachine(s.good, boot.ArchBIOS), s.newMachine(s.good, boot.ArchEFI64)}
}

// endure has machines boot while the attack goes on.
func (s *site) endure(t *testing.T, a attack, machines []*machine) {
	before, lines := s.metrics(t), strings.Count(s.log(t), "\n")
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	times := 0
	go func() {
		var err error
		times, err = a.run(ctx, s)
		done <- err
	}()
	began := time.Now()
	most := s.cost(t)
	for _, m := range machines {
		check(t, m.powerOn())
		ctx, cancel := context.WithTimeout(ctx, bootTime)
		began := time.Now()
		_, err := m.boot(ctx)
		cancel()
		if err != nil {
			t.Errorf("the other bench (%s) does not come to its agent: %v", m.arch, err)
		}
		t.Logf("%s: agent after %s", m.arch, time.Since(began).Round(time.Millisecond))
		most = most.most(s.cost(t))
	}
	time.Sleep(max(0, 5*time.Second-time.Since(began)))
	most = most.most(s.cost(t))
	stop()
	if err := <-done; err != nil {
		t.Errorf("the attack itself: %v", err)
	}
	if times < a.least {
		t.Errorf("done %d times, want %d: the test shows nothing", times, a.least)
	}
	grown := sum(s.metrics(t), a.counted, a.labels...) - sum(before, a.counted, a.labels...)
	if grown <= 0 {
		t.Errorf("%s%v has not grown", a.counted, a.labels)
	}
	logged := strings.Count(s.log(t), "\n") - lines
	t.Logf("done %d times, counted %.0f, %d lines logged; at most %s", times, grown, logged, most)
	if logged > maxLogLines {
		t.Errorf("%d lines logged", logged)
	}
	if most.goroutines > maxGoroutines || most.files > maxFiles || most.memory > maxMemory {
		t.Errorf("it costs too much: %s", most)
	}
}

// cost is what the controller takes.
type cost struct {
	goroutines, files int
	memory            int // bytes that are resident
}

func (c cost) String() string {
	return fmt.Sprintf("%d goroutines, %d files, %d MiB", c.goroutines, c.files, c.memory>>20)
}

func (c cost) most(o cost) cost {
	return cost{max(c.goroutines, o.goroutines), max(c.files, o.files), max(c.memory, o.memory)}
}

var resident = regexp.MustCompile(`VmRSS:\s+(\d+) kB`)

func (s *site) cost(t *testing.T) cost {
	t.Helper()
	proc := filepath.Join("/proc", strconv.Itoa(s.proc.PID()))
	files, err := os.ReadDir(filepath.Join(proc, "fd"))
	check(t, err)
	status, err := os.ReadFile(filepath.Join(proc, "status"))
	check(t, err)
	m := resident.FindSubmatch(status)
	if m == nil {
		t.Fatalf("no memory in %s", status)
	}
	kb, err := strconv.Atoi(string(m[1]))
	check(t, err)
	return cost{int(s.metrics(t)["go_goroutines"]), len(files), kb << 10}
}

// settles waits until everything is given back but some memory.
func (s *site) settles(t *testing.T, quiet cost) {
	t.Helper()
	var now cost
	for range 60 {
		now = s.cost(t)
		if now.goroutines <= quiet.goroutines+20 && now.files <= quiet.files+20 {
			t.Logf("before %s, afterwards %s", quiet, now)
			return
		}
		time.Sleep(time.Second)
	}
	t.Errorf("a minute after the last attack: %s; before the first: %s", now, quiet)
}
