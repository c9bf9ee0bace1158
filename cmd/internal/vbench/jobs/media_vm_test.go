//go:build vm

package jobs

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"regain.example/agent/stick"
	"regain.example/cmd/internal/vbench"
	"regain.example/imager"
)

// TestMediaErases starts a machine from the image of a stick, with UEFI, and
// erases its drives to the end. The profile does not leave removable drives alone:
// a second stick is erased, and the one that the machine was started from is not,
// because it is that. Neither no code nor a wrong one is enough for the approval.
func TestMediaErases(t *testing.T) {
	b := newBench(t, 9*time.Minute, settings{})
	image := b.media("stick.img")
	before := b.bytes(image)
	other, disk := b.drive(vbench.USB, "OTHER", 16<<20), b.drive(vbench.SATA, "DISK", 16<<20)
	other.Removable = true
	m := b.plugAs(vbench.UEFI, vbench.Config{Name: "bench-1", Drives: []vbench.Drive{image, other, disk}})
	v, code := b.enrols(m)
	if left := excluded(v); len(left) != 1 || left["STICK"] != stick.Why {
		t.Fatalf("left alone: %v, want the stick that it was started from and nothing else", left)
	}
	b.refuses(v, "", imager.ErrConflict)
	b.refuses(v, wrong(code), imager.ErrInvalid)
	b.untouched(disk)
	if err := b.approveWith(v, code); err != nil {
		t.Fatal(err)
	}
	v = b.state(1, imager.JobDone)
	if err := m.AwaitConsole(b.ctx, "ERASED"); err != nil {
		t.Error(err)
	}
	m.PowerCut()
	b.wiped(disk)
	b.wiped(other)
	if !bytes.Equal(before, b.bytes(image)) {
		t.Error("the stick that the machine was started from was written to")
	}
	if len(v.Job.Drives) != 2 || len(v.Job.Left) != 1 || v.Job.Left[0].Why != stick.Why {
		t.Errorf("the job names %d erased drives and left alone %+v", len(v.Job.Drives), v.Job.Left)
	}
}

// media writes the image as an administrator does, and returns it as a stick that
// the machine is started from.
func (b *bench) media(name string) vbench.Drive {
	b.t.Helper()
	path := filepath.Join(b.dir, name)
	cmd := exec.Command(program(b.t), "media", "--out", path, "--boot-dir", built(b.t, "boot"), "--kernel-parameters", "quiet console=ttyS0")
	if out, err := cmd.CombinedOutput(); err != nil {
		b.t.Fatalf("%v: %s", err, out)
	}
	// A real stick is larger than the image.
	if err := os.Truncate(path, 64<<20); err != nil {
		b.t.Fatal(err)
	}
	return vbench.Drive{Bus: vbench.USB, Serial: "STICK", Path: path, Removable: true, First: true}
}

func (b *bench) bytes(d vbench.Drive) []byte {
	b.t.Helper()
	all, err := os.ReadFile(d.Path)
	if err != nil {
		b.t.Fatal(err)
	}
	return all
}

// enrols starts the machine from its stick and returns it as the page shows it,
// with the code that its screen shows.
func (b *bench) enrols(m *vbench.Machine) (v imager.View, code string) {
	b.t.Helper()
	began := time.Now()
	if err := m.PowerOn(vbench.Start{}); err != nil {
		b.t.Fatal(err)
	}
	v = b.registered(1)
	b.t.Logf("registered %s after power-on", time.Since(began).Round(time.Second))
	if v.Enrolment != imager.EnrolCode {
		b.t.Fatalf("its enrolment is %q", v.Enrolment)
	}
	if err := m.AwaitConsole(b.ctx, "This machine was started from a stick"); err != nil {
		b.t.Fatal(err)
	}
	b.screen(m, "code")
	console, err := os.ReadFile(m.Console())
	if err != nil {
		b.t.Fatal(err)
	}
	found := regexp.MustCompile(`regain \| machine 1 \| ([0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}) \|`).FindSubmatch(console)
	if found == nil {
		b.t.Fatalf("no code on the screen:\n%s", console[max(0, len(console)-2000):])
	}
	return v, string(found[1])
}

// wrong returns another code.
func wrong(code string) string {
	if code[0] == '7' {
		return "8" + code[1:]
	}
	return "7" + code[1:]
}

func (b *bench) approveWith(v imager.View, code string) error {
	a := imager.Approval{Machine: v.Machine.Number, Profile: "main", Code: code}
	for _, d := range v.Machine.Inventory.Drives {
		if d.Excluded == "" {
			a.Drives = append(a.Drives, d.ID())
		}
	}
	_, err := b.Client().Approve(b.ctx, a)
	return err
}

func (b *bench) refuses(v imager.View, code string, want error) {
	b.t.Helper()
	if err := b.approveWith(v, code); !errors.Is(err, want) {
		b.t.Errorf("the code %q was answered with %v, want %v", code, err, want)
	}
	if v, err := b.Client().Machine(b.ctx, v.Machine.Number); err != nil || v.Job != nil {
		b.t.Fatalf("the code %q: %s, %v", code, vbench.Describe(v), err)
	}
}

func excluded(v imager.View) map[string]string {
	left := map[string]string{}
	for _, d := range v.Machine.Inventory.Drives {
		if d.Excluded != "" {
			left[d.Serial] = d.Excluded
		}
	}
	return left
}
