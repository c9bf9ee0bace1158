//go:build vm

package jobs

import (
	"testing"
	"time"

	"regain.example/agent/api"
	"regain.example/cmd/internal/vbench"
	"regain.example/imager"
)

// crawl is a speed at which 128 MiB are not overwritten within a minute, after
// which the agent journals how far it has come.
const crawl = 3 << 19

// TestPowerCut cuts the bench's power when the overwrite of a drive has begun,
// again when the journal has an offset of it and the drive beside it is
// accepted, and again during the installation. Powered on again, the same
// approval holds: the overwrite goes on from the offset, the accepted drive is
// sampled anew and not erased again, and the job ends well.
func TestPowerCut(t *testing.T) {
	b := newBench(t, 9*time.Minute, settings{image: "tiny", state: offered(t), floor: 1})
	fast, cut := b.drive(vbench.NVMe, "FAST", 24<<20), b.drive(vbench.SATA, "CUT", 128<<20)
	cut.BytesPerSecond = crawl
	m := b.machine("bench-1", fast, cut)
	b.powerOn(m)
	job := b.approve(b.registered(1))

	b.await(1, "has begun to erase", func(v imager.View) bool { return journal(v, "CUT").Stage == api.StageBegun })
	m.PowerCut()

	b.powerOn(m)
	v := b.await(1, "has accepted one drive, and an offset of the other", func(v imager.View) bool {
		return jobDrive(v, "FAST").Outcome == imager.OutcomeErased && journal(v, "CUT").Offset > 0
	})
	offset := journal(v, "CUT").Offset
	m.PowerCut()

	fast.BytesPerSecond, cut.BytesPerSecond = slow, 0 // the image goes to the first
	m.SetDrives([]vbench.Drive{fast, cut})
	b.powerOn(m)
	v = b.await(1, "installs", under(api.PhaseInstall))
	resumed(t, jobDrive(v, "CUT"), offset)
	rechecked(t, jobDrive(v, "FAST"))
	m.PowerCut()

	b.powerOn(m)
	v = b.state(1, imager.JobInstalled)
	if v.Job.ID != job.ID {
		t.Errorf("the job is %s, approved was %s", v.Job.ID, job.ID)
	}
	for _, d := range v.Job.Drives {
		if d.Outcome != imager.OutcomeErased {
			t.Errorf("%s is %s: %s", d.Drive.Serial, d.Outcome, d.Reason)
		}
	}
	m.PowerCut()
	b.wiped(fast)
	b.wiped(cut)
}

// resumed checks that an overwrite went on from the journal's last offset, or a
// later one that was acknowledged while the power went, and that all of the drive
// was read back.
func resumed(t *testing.T, d imager.JobDrive, offset uint64) {
	t.Helper()
	if d.Evidence == nil || len(d.Evidence.Attempts) != 1 {
		t.Fatalf("%s has the evidence %+v", d.Drive.Serial, d.Evidence)
	}
	a := d.Evidence.Attempts[0]
	if a.Overwrite == nil || a.Overwrite.From < offset || d.Evidence.Resumed == nil {
		t.Errorf("%s went on from %+v, resumed %+v; the journal had %d", d.Drive.Serial, a.Overwrite, d.Evidence.Resumed, offset)
	}
	if a.ReadBack == nil || a.ReadBack.BytesRead != d.Drive.SizeBytes {
		t.Errorf("%s was read back: %+v", d.Drive.Serial, a.ReadBack)
	}
	if d.Outcome != imager.OutcomeErased {
		t.Errorf("%s is %s: %s", d.Drive.Serial, d.Outcome, d.Reason)
	}
}

// rechecked checks that an accepted drive was sampled anew and kept.
func rechecked(t *testing.T, d imager.JobDrive) {
	t.Helper()
	if d.Outcome != imager.OutcomeErased || d.Rechecked == "" {
		t.Errorf("%s is %s (%s), its fresh sampling %q", d.Drive.Serial, d.Outcome, d.Reason, d.Rechecked)
	}
}

// jobDrive finds a drive of the job by its serial; zero if there is none.
func jobDrive(v imager.View, serial string) imager.JobDrive {
	if v.Job != nil {
		for _, d := range v.Job.Drives {
			if d.Drive.Serial == serial {
				return *d
			}
		}
	}
	return imager.JobDrive{}
}

// journal is the last step of the work on a drive that the controller knows of.
func journal(v imager.View, serial string) api.JournalEntry {
	if j := jobDrive(v, serial).Journal; j != nil {
		return j.JournalEntry
	}
	return api.JournalEntry{}
}
