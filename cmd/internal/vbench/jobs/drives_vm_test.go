//go:build vm

package jobs

import (
	"strings"
	"testing"
	"time"

	"regain.example/cmd/internal/vbench"
	"regain.example/imager"
)

// TestDrivesChanged changes the drives between approval and erasure: nothing is
// erased, the approval is void, and the page's words name the drive.
func TestDrivesChanged(t *testing.T) {
	b := newBench(t, 10*time.Minute, settings{})
	one, two, three := b.drive(vbench.SATA, "ONE", 8<<20), b.drive(vbench.SATA, "TWO", 8<<20), b.drive(vbench.SATA, "THREE", 8<<20)
	m := b.machine("bench-1", one, two)
	b.powerOn(m)
	v := b.registered(1)
	for _, change := range []struct {
		name   string
		drives []vbench.Drive
		says   string
	}{
		{"swapped", []vbench.Drive{one, three}, "TWO"},
		{"added", []vbench.Drive{one, two, three}, "TWO"},
		{"removed", []vbench.Drive{one, three}, "TWO"},
	} {
		t.Run(change.name, func(t *testing.T) {
			b.approve(v)
			b.await(1, "counts down", func(v imager.View) bool { return v.Progress != nil && v.Progress.CountdownSeconds > 0 })
			m.PowerCut() // in the countdown: nothing is erased yet
			m.SetDrives(change.drives)
			b.powerOn(m)
			v = b.state(1, imager.JobVoid)
			if !strings.Contains(v.Job.Reason, change.says) {
				t.Errorf("the reason %q does not name drive %s", v.Job.Reason, change.says)
			}
			time.Sleep(8 * time.Second) // longer than a countdown
			for _, d := range []vbench.Drive{one, two, three} {
				b.untouched(d)
			}
		})
	}
	m.PowerCut()
}

// TestDrivePulledInCountdown takes a drive out of the running machine.
func TestDrivePulledInCountdown(t *testing.T) {
	b := newBench(t, 4*time.Minute, settings{})
	one, two := b.drive(vbench.SATA, "STAYS", 8<<20), b.drive(vbench.SCSI, "PULLED", 8<<20)
	m := b.machine("bench-1", one, two)
	b.powerOn(m)
	b.approve(b.registered(1))
	b.await(1, "counts down", func(v imager.View) bool { return v.Progress != nil && v.Progress.CountdownSeconds > 0 })
	if err := m.PullDrive(1); err != nil {
		t.Fatal(err)
	}
	v := b.state(1, imager.JobVoid)
	if !strings.Contains(v.Job.Reason, "PULLED") {
		t.Errorf("the reason %q does not name the drive", v.Job.Reason)
	}
	m.PowerCut()
	b.untouched(one)
	b.untouched(two)
}
