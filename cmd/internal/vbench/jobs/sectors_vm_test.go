//go:build vm

package jobs

import (
	"path/filepath"
	"testing"
	"time"

	"regain.example/cmd/internal/vbench"
	"regain.example/imager"
)

// TestSectors takes drives with sectors of 4,096 bytes and sizes that are no
// multiple of 4 MiB through the whole job, under the lockdown that Secure Boot
// brings. A stick is left alone, as the profile says.
func TestSectors(t *testing.T) {
	state := filepath.Join(t.TempDir(), "master")
	addImage(t, state, "sectors", tinyDisk(t, 4096), "--sector", "4096", "--firmware", "bios,uefi")
	b := newBench(t, 6*time.Minute, settings{image: "sectors", state: state, kernel: "lockdown=integrity", left: true})
	nvme := b.drive(vbench.NVMe, "NVME4K", 27<<20+4096)
	nvme.Sector = 4096
	scsi := b.drive(vbench.SCSI, "SCSI4K", 21<<20+12288)
	scsi.Sector = 4096
	sata := b.drive(vbench.SATA, "ODD", 13<<20+512*7)
	stick := b.drive(vbench.USB, "STICK", 8<<20)
	stick.Removable = true
	m := b.machine("bench-1", nvme, scsi, sata, stick)
	b.powerOn(m)
	v := b.await(1, "shows all four drives", func(v imager.View) bool { return v.Online && len(v.Machine.Inventory.Drives) == 4 })
	if got := v.Machine.Inventory.Firmware.Lockdown; got != "integrity" {
		t.Errorf("lockdown is %q", got)
	}
	b.approve(v)
	v = b.state(1, imager.JobInstalled)
	for _, d := range v.Job.Drives {
		if d.Outcome != imager.OutcomeErased {
			t.Errorf("%s is %s: %s", d.Drive.Serial, d.Outcome, d.Reason)
		}
	}
	if len(v.Job.Drives) != 3 || len(v.Job.Left) != 1 {
		t.Errorf("%d drives erased, %d left alone; want 3 and 1", len(v.Job.Drives), len(v.Job.Left))
	}
	m.PowerCut()
	for _, d := range []vbench.Drive{nvme, scsi, sata} {
		b.wiped(d)
	}
	b.untouched(stick)
}
