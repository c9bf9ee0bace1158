//go:build vm

package jobs

import (
	"path/filepath"
	"testing"
	"time"

	"regain.example/agent/api"
	"regain.example/cmd/internal/vbench"
	"regain.example/imager"
)

// offered prepares a state directory with the tiny master image "tiny".
func offered(t *testing.T, more ...string) string {
	t.Helper()
	state := filepath.Join(t.TempDir(), "master")
	addImage(t, state, "tiny", tinyDisk(t, 512), more...)
	return state
}

// slow is a speed at which work on 64 MiB takes some seconds.
const slow = 8 << 20

// under reports that a phase of the work is well under way.
func under(phase api.Phase) func(imager.View) bool {
	return func(v imager.View) bool {
		if v.Progress == nil {
			return false
		}
		for _, d := range v.Progress.Drives {
			if d.Phase == phase && d.Done > d.Total/8 && d.Total > 0 {
				return true
			}
		}
		return false
	}
}

// TestControllerKilled kills the controller during the erasure and during the
// installation. The agent goes on by itself; nothing acknowledged is lost, and
// no phase is told twice.
func TestControllerKilled(t *testing.T) {
	b := newBench(t, 6*time.Minute, settings{image: "tiny", state: offered(t)})
	drive := b.drive(vbench.SATA, "KILLED", 64<<20+512)
	drive.BytesPerSecond = slow
	m := b.machine("bench-1", drive)
	b.powerOn(m)
	job := b.approve(b.registered(1))
	for _, phase := range []api.Phase{api.PhaseErase, api.PhaseInstall} {
		before := b.await(1, "is in phase "+string(phase), under(phase))
		b.Kill()
		time.Sleep(3 * time.Second)
		if err := b.Start(b.ctx); err != nil {
			t.Fatal(err)
		}
		after := b.await(1, "is known again", func(v imager.View) bool { return v.Job != nil })
		if len(after.Job.Phases) < len(before.Job.Phases) || len(after.Log) < len(before.Log) {
			t.Errorf("killed in phase %s: %d phases and %d entries were acknowledged, %d and %d are left", phase,
				len(before.Job.Phases), len(before.Log), len(after.Job.Phases), len(after.Log))
		}
	}
	v := b.state(1, imager.JobInstalled)
	if v.Job.ID != job.ID {
		t.Errorf("the job is %s, it was %s", v.Job.ID, job.ID)
	}
	told := map[api.Phase]int{}
	for _, p := range v.Job.Phases {
		told[p.Phase]++
		if p.Ended.IsZero() {
			t.Errorf("phase %s has no end", p.Phase)
		}
	}
	for _, p := range []api.Phase{api.PhaseCountdown, api.PhaseErase, api.PhaseVerify, api.PhaseInstall, api.PhaseCheck} {
		if told[p] != 1 {
			t.Errorf("phase %s was told %d times", p, told[p])
		}
	}
	if err := b.Client().Confirm(b.ctx, 1); err != nil {
		t.Error(err)
	}
	b.state(1, imager.JobDone)
	m.PowerCut()
	b.wiped(drive)
}
