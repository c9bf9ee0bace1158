//go:build vm

package jobs

import (
	"testing"
	"time"

	"regain.example/agent/api"
	"regain.example/cmd/internal/oracle"
	"regain.example/cmd/internal/vbench"
	"regain.example/imager"
)

// TestCancel stops the work in the middle of an overwrite. The record says what
// the drive holds now, and that is what the host finds on it.
func TestCancel(t *testing.T) {
	b := newBench(t, 4*time.Minute, settings{})
	drive := b.drive(vbench.SATA, "STOPPED", 64<<20)
	drive.BytesPerSecond = slow
	m := b.machine("bench-1", drive)
	b.powerOn(m)
	b.approve(b.registered(1))
	b.await(1, "erases", under(api.PhaseErase))
	if err := b.Client().Stop(b.ctx, 1, "the wrong machine"); err != nil {
		t.Fatal(err)
	}
	b.state(1, imager.JobCancelled)
	v := b.await(1, "has told the state of its drive", func(v imager.View) bool { return jobDrive(v, "STOPPED").Evidence != nil })
	m.PowerCut()

	d := jobDrive(v, "STOPPED")
	if d.Outcome == imager.OutcomeErased || d.Evidence.State == "" || d.Evidence.Stopped == "" {
		t.Errorf("%s is %s; stopped %q, state %q", d.Drive.Serial, d.Outcome, d.Evidence.Stopped, d.Evidence.State)
	}
	t.Logf("the record says: %s", d.Evidence.State)
	a := d.Evidence.Attempts[0]
	seen, err := oracle.Scan(drive.Path)
	if err != nil {
		t.Fatal(err)
	}
	if a.Overwrite == nil || a.Overwrite.BytesWritten == 0 || seen.Found == 0 || seen.First[0] < int64(a.Overwrite.BytesWritten) {
		t.Errorf("the record says that %+v is overwritten; %d records of old data are left, the first at %v", a.Overwrite, seen.Found, seen.First)
	}
}
