package corridor

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"regain.example/agent/lab"
	"regain.example/imager"
	"regain.example/imager/control"
)

// wouldBoot asks what the machine would boot now.
func (w *workshop) wouldBoot(want control.BootAction, says string) {
	w.t.Helper()
	d, err := w.control().BootDecision(w.t.Context(), control.BootClient{MAC: mac, UUID: uuid})
	if err != nil || d.Action != want || !strings.Contains(d.Reason, says) {
		w.t.Errorf("the machine boots %d, %q, %v; want %d, %q", d.Action, d.Reason, err, want, says)
	}
}

// agent reports whether the machine would boot the agent.
func (w *workshop) agent() bool {
	w.t.Helper()
	d, err := w.control().BootDecision(w.t.Context(), control.BootClient{MAC: mac, UUID: uuid})
	if err != nil {
		w.t.Fatal(err)
	}
	return d.Action == control.BootAgent
}

// gone waits until the boot's power is gone.
func (w *workshop) gone(b *boot) {
	w.t.Helper()
	w.until("no power", func(imager.View) bool { return b.dark() })
	b.off()
}

// says waits until the machine's screen shows a text.
func (b *boot) says(text string) {
	b.w.t.Helper()
	b.w.until("its screen says "+text, func(imager.View) bool {
		v := b.view.Load()
		return v != nil && v.Title == "Waiting" && strings.Contains(v.Message, text)
	})
}

// TestWaitsWithoutHarm: a machine that nobody approves says what it waits for, at
// each boot, and keeps what is on its drives. So does one whose last job is 12
// hours past, until a new approval.
func TestWaitsWithoutHarm(t *testing.T) {
	m, former := mixed()
	w := newWorkshop(t, m, eraseOnly(), imager.Profile{Name: "debian", Image: "debian", Hostname: "pc-{number}"})
	var ahead atomic.Int64
	w.config.Now = func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	w.kill()
	w.start()
	before := former()
	for range 2 {
		b := w.on()
		b.says("Waiting for approval: an operator")
		b.off()
		if former() != before {
			t.Fatalf("%d sectors of before are left of %d", former(), before)
		}
	}
	b := w.onAgain()
	w.approve("debian")
	v := w.state(imager.JobInstalled, imager.JobQuarantined)
	b.off()
	for range 3 {
		w.wouldBoot(control.BootLocalDisk, "installed")
	}
	if err := w.control().Confirm(t.Context(), "alice", 1); err != nil {
		t.Fatal(err)
	}
	w.wouldBoot(control.BootLocalDisk, "done")
	w.kill()
	w.start()
	w.wouldBoot(control.BootLocalDisk, "done")

	ahead.Store(int64(12*time.Hour + time.Minute))
	m.PowerOn()
	image := w.read(v)
	b = w.onAgain()
	b.says("Its last job was done on")
	b.off()
	m.PowerOn()
	if !strings.HasPrefix(image, "an image") || w.read(v) != image {
		t.Errorf("the system drive begins with %.8q, and with %.8q after the boot", image, w.read(v))
	}
	if now := w.view(); now.Job.ID != v.Job.ID || now.Job.State != imager.JobDone {
		t.Errorf("the job is %s, %s", now.Job.ID, now.Job.State)
	}
}

// read returns the beginning of the system drive.
func (w *workshop) read(v imager.View) string {
	w.t.Helper()
	for _, d := range w.machine.Drives() {
		if d.ID() != v.Job.System {
			continue
		}
		dev, err := w.machine.Open(d)
		if err != nil {
			w.t.Fatal(err)
		}
		block := aligned(make([]byte, 4096))
		_, err = dev.ReadAt(block, 0)
		if err := firstError(err, dev.Close()); err != nil {
			w.t.Fatal(err)
		}
		return string(block)
	}
	w.t.Fatal("the system drive is gone")
	return ""
}

// TestCrashesAtTheSamePlace: a machine that loses its power at its first command,
// in each boot, is held after three boots that brought nothing new. Let go and
// mended, it ends its job under the same approval.
func TestCrashesAtTheSamePlace(t *testing.T) {
	m, former := mixed()
	w := newWorkshop(t, m, eraseOnly())
	b := w.on()
	w.until("registered", func(v imager.View) bool { return v.Online })
	m.CutAt(1, lab.Before)
	j := w.approve("erase")
	for w.gone(b); w.agent(); w.gone(b) {
		if w.boots > 15 { // at most the beginning of each drive's method is new
			t.Fatal("it crashes for ever")
		}
		m.CutAt(1, lab.Before)
		b = w.onAgain()
	}
	if w.boots < 3 {
		t.Errorf("it was held after %d boots", w.boots)
	}
	for range 2 {
		w.wouldBoot(control.BootNone, "3 boots in a row")
		w.kill()
		w.start()
	}
	if former() == 0 {
		t.Fatal("the crashes came too late")
	}
	if err := w.control().BootAgain(t.Context(), "alice", mac); err != nil {
		t.Fatal(err)
	}
	w.wouldBoot(control.BootAgent, "approved")
	w.onAgain()
	if v := w.state(imager.JobDone, imager.JobQuarantined); v.Job.State != imager.JobDone || v.Job.ID != j.ID || former() != 0 {
		t.Errorf("%s: %s; %d sectors of before are left", v.Job.State, v.Job.Reason, former())
	}
}
