package bootrule

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"regain.example/imager"
)

// TestDecide goes through the table row by row, and over the edge of each.
func TestDecide(t *testing.T) {
	job := func(s imager.JobState, since time.Duration, changes ...func(*Machine)) Machine {
		m := Machine{Number: 7, Job: s, Since: since}
		for _, change := range changes {
			change(&m)
		}
		return m
	}
	var (
		image     = func(m *Machine) { m.Image = true }
		halted    = func(m *Machine) { m.Halted = true }
		released  = func(m *Machine) { m.Released = true }
		withdrawn = func(m *Machine) { m.Withdrawn = true }
		fruitless = func(n int) func(*Machine) { return func(m *Machine) { m.Fruitless = n } }
		unmet     = func(n int) func(*Machine) { return func(m *Machine) { m.Unmet = n } }
	)
	const (
		done, quarantined, cancelled = imager.JobDone, imager.JobQuarantined, imager.JobCancelled
		just                         = Rest - time.Second
	)
	for name, c := range map[string]struct {
		machine Machine
		want    Action
		held    bool
		says    string
	}{
		"a stranger":                         {Machine{}, Agent, false, "waits for approval"},
		"a stranger after two failures":      {Machine{Unmet: 2}, Agent, false, "waits for approval"},
		"a stranger after three failures":    {Machine{Unmet: 3}, Nothing, true, "never reported"},
		"known, never approved":              {Machine{Number: 7}, Agent, false, "machine 7: the agent starts and waits for approval"},
		"known, never approved, three fails": {Machine{Number: 7, Unmet: 3}, Nothing, true, "machine 7"},
		"halted":                             {Machine{Number: 7, Halted: true}, Agent, false, "releases"},
		"void":                               {job(imager.JobVoid, 0), Agent, false, "approval"},

		"installed":                    {job(imager.JobInstalled, 0, image), OwnDisk, false, "installed"},
		"installed, no end for days":   {job(imager.JobInstalled, 90*time.Hour, image), OwnDisk, false, "installed"},
		"installed, halted":            {job(imager.JobInstalled, 0, image, halted), Agent, false, "releases"},
		"installed, released":          {job(imager.JobInstalled, 0, image, released), Agent, false, "approval"},
		"installed, fails before that": {job(imager.JobInstalled, 0, image, fruitless(3), unmet(3)), OwnDisk, false, "installed"},

		"done":                       {job(done, 0, image), OwnDisk, false, "done"},
		"done, almost 12 hours ago":  {job(done, just, image), OwnDisk, false, "done"},
		"done, 12 hours ago":         {job(done, Rest, image), Agent, false, "approval"},
		"done, the clock went back":  {job(done, -time.Hour, image), OwnDisk, false, "done"},
		"done, released":             {job(done, 0, image, released), Agent, false, "approval"},
		"done, halted":               {job(done, 0, image, halted), Agent, false, "releases"},
		"done, no image":             {job(done, 0), Nothing, false, "erased"},
		"done, no image, long ago":   {job(done, Rest), Agent, false, "approval"},
		"done, no image, released":   {job(done, 0, released), Agent, false, "approval"},
		"done, a drive withdrawn":    {job(done, 0, image, withdrawn), OwnDisk, false, "done"},
		"done long ago, three fails": {job(done, Rest, image, unmet(3)), Nothing, true, "never reported"},

		"quarantined":                       {job(quarantined, 0), Nothing, false, "quarantine"},
		"quarantined with an image":         {job(quarantined, 0, image), Nothing, false, "quarantine"},
		"quarantined, almost 12 hours ago":  {job(quarantined, just), Nothing, false, "quarantine"},
		"quarantined, 12 hours ago":         {job(quarantined, Rest), Agent, false, "approval"},
		"quarantined, released":             {job(quarantined, 0, released), Agent, false, "approval"},
		"quarantined, a drive withdrawn":    {job(quarantined, 0, withdrawn), Agent, false, "approval"},
		"cancelled":                         {job(cancelled, 0), Nothing, false, "stopped"},
		"cancelled after the image was on":  {job(cancelled, 0, image), Nothing, false, "stopped"},
		"cancelled, 12 hours ago":           {job(cancelled, Rest), Agent, false, "approval"},
		"cancelled, released":               {job(cancelled, 0, released), Agent, false, "approval"},
		"cancelled, a drive withdrawn":      {job(cancelled, 0, withdrawn), Agent, false, "approval"},
		"cancelled, halted":                 {job(cancelled, 0, halted), Agent, false, "releases"},
		"cancelled after fruitless boots":   {job(cancelled, Rest, fruitless(3)), Agent, false, "approval"},
		"quarantined, in doubt which it is": {Machine{Job: quarantined}, Agent, false, "approval"},

		"approved":                     {job(imager.JobApproved, 0), Agent, false, "approved"},
		"erasing":                      {job(imager.JobErasing, 0), Agent, false, "approved"},
		"accepted":                     {job(imager.JobAccepted, 0), Agent, false, "approved"},
		"installing":                   {job(imager.JobInstalling, 0, image), Agent, false, "approved"},
		"erasing, two in vain":         {job(imager.JobErasing, 0, fruitless(2)), Agent, false, "approved"},
		"erasing, three in vain":       {job(imager.JobErasing, 0, fruitless(3)), Nothing, true, "no further"},
		"approved, three in vain":      {job(imager.JobApproved, 0, fruitless(3)), Nothing, true, "no further"},
		"accepted, four in vain":       {job(imager.JobAccepted, 0, fruitless(4)), Nothing, true, "no further"},
		"installing, three in vain":    {job(imager.JobInstalling, 0, fruitless(3)), Nothing, true, "no further"},
		"erasing, halted, in vain":     {job(imager.JobErasing, 0, halted, fruitless(3)), Agent, false, "releases"},
		"erasing, three never met":     {job(imager.JobErasing, 0, unmet(3)), Nothing, true, "never reported"},
		"install-failed":               {job(imager.JobInstallFailed, 0), Agent, false, "waits for an operator"},
		"install-failed after in vain": {job(imager.JobInstallFailed, 0, fruitless(3)), Agent, false, "operator"},
	} {
		d := Decide(c.machine)
		if d.Action != c.want || d.Held != c.held || !strings.Contains(d.Reason, c.says) {
			t.Errorf("%s: %s, held %v, %q; want %s, held %v, %q", name, d.Action, d.Held, d.Reason, c.want, c.held, c.says)
		}
	}
}

// TestEveryMachineHasARow, whatever is known of it: a zero decision would refuse
// it without a word.
func TestEveryMachineHasARow(t *testing.T) {
	states := []imager.JobState{"", "some later state", imager.JobApproved, imager.JobErasing, imager.JobAccepted, imager.JobInstalling,
		imager.JobInstallFailed, imager.JobInstalled, imager.JobDone, imager.JobVoid, imager.JobCancelled, imager.JobQuarantined}
	// What boot/script lets through to a screen unchanged.
	plain := regexp.MustCompile(`^[A-Za-z0-9 ().,:/=+@%~_-]{1,160}$`)
	seen := map[string]bool{}
	for _, s := range states {
		for bits := range 1 << 8 {
			bit := func(i int) bool { return bits>>i&1 == 1 }
			m := Machine{Halted: bit(0), Released: bit(1), Withdrawn: bit(2), Image: bit(3), Job: s}
			if bit(4) {
				m.Number = 123456
			}
			if bit(5) {
				m.Since = Rest
			}
			if bit(6) {
				m.Fruitless = Failures
			}
			if bit(7) {
				m.Unmet = Failures
			}
			d := Decide(m)
			if !plain.MatchString(d.Reason) {
				t.Fatalf("%+v is told %q", m, d.Reason)
			}
			if d.Held && d.Action != Nothing {
				t.Fatalf("%+v is held and boots: %+v", m, d)
			}
			if d.Action == OwnDisk && (m.Number == 0 || m.Halted || m.Released) {
				t.Fatalf("%+v starts its own drive", m)
			}
			seen[d.Reason] = true
		}
	}
	for _, r := range table() {
		if !seen[r.screen(Machine{})] && !seen[r.screen(Machine{Number: 123456})] {
			t.Errorf("no machine comes to the row %q", r.machine)
		}
	}
}

// TestTableIsDocumented: the package comment and the handbook show the table that
// decides.
func TestTableIsDocumented(t *testing.T) {
	var comment, handbook strings.Builder
	fmt.Fprintf(&comment, "//\t%-56s %s\n", "machine", "boots")
	fmt.Fprint(&handbook, "| machine | boots | its screen says |\n|---|---|---|\n")
	for _, r := range table() {
		boots := r.boots.String()
		if r.held {
			boots += ", held"
		}
		fmt.Fprintf(&comment, "//\t%-56s %s\n", r.machine, boots)
		fmt.Fprintf(&handbook, "| %s | %s | %s |\n", r.machine, boots, r.says)
	}
	for file, want := range map[string]string{"bootrule.go": comment.String(), "../../docs/operating.md": handbook.String()} {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(source), want) {
			t.Errorf("%s does not hold the table; it should have:\n%s", file, want)
		}
	}
}
