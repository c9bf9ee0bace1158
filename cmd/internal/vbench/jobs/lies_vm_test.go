//go:build vm

package jobs

import (
	"path/filepath"
	"testing"
	"time"

	"regain.example/cmd/internal/rig"
	"regain.example/cmd/internal/vbench"
	"regain.example/imager"
)

const liarBytes = 24 << 20

// liar starts a drive of the rig.
func (b *bench) liar(serial string, wwn uint64, how rig.Behaviour) vbench.Drive {
	b.t.Helper()
	d := b.drive(vbench.VhostSCSI, serial, liarBytes)
	socket := filepath.Join(b.dir, serial+".sock")
	r, err := rig.Start(rig.Config{Socket: socket, File: d.Path, Model: "LIAR", Serial: serial, WWN: wwn, Behaviour: how})
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() {
		if err := r.Close(); err != nil {
			b.t.Error(err)
		}
	})
	d.Path = socket
	return d
}

// TestLyingDrives has drives that say that all went well and keep their data, or
// bring it back, wrap their addresses, or cannot be written in places. The checks
// catch each; the machine is quarantined and no image is installed. An honest
// drive of the same kind beside them is erased. A drive that says it is no longer
// reliable is to be destroyed, and the bench's screen says where it sits.
func TestLyingDrives(t *testing.T) {
	b := newBench(t, 6*time.Minute, settings{image: "tiny", state: offered(t)})
	drives := []vbench.Drive{
		b.liar("HONEST", 0x5000000000000001, rig.Behaviour{}),
		b.liar("KEEPS", 0x5000000000000002, rig.Keeps(16<<20, 16<<20+512)),
		b.liar("BRINGSBACK", 0x5000000000000003, rig.BringsBack(4<<20, 5<<20)),
		b.liar("WRAPS", 0x5000000000000004, rig.Wraps(liarBytes/2)),
		b.liar("BADSECTORS", 0x5000000000000005, rig.FailsWrites(20<<20, 20<<20+4096)),
	}
	worn := b.drive(vbench.NVMe, "WORN", liarBytes)
	worn.Warning = 1 << 2 // NVM Express Base Specification 2.0, figure 208: reliability is degraded
	drives = append(drives, worn)
	m := b.plug(vbench.Config{Name: "bench-1", Drives: drives, Slots: []vbench.Slot{{Designation: "M.2 SSD1", Bus: 1}}})
	b.powerOn(m)
	b.approve(b.registered(1))
	v := b.state(1, imager.JobQuarantined)
	want := map[string]imager.Outcome{
		"HONEST": imager.OutcomeErased, "KEEPS": imager.OutcomeNotErased,
		"BRINGSBACK": imager.OutcomeNotErased, "WRAPS": imager.OutcomeNotErased,
	}
	for _, d := range v.Job.Drives {
		serial := d.Drive.Serial
		if serial == "BADSECTORS" || serial == "WORN" {
			if d.Outcome == imager.OutcomeErased || d.Reason == "" || d.Destroy != (serial == "WORN") {
				t.Errorf("%s is %s, to be destroyed: %v: %s", serial, d.Outcome, d.Destroy, d.Reason)
			}
			continue
		}
		if d.Outcome != want[serial] {
			t.Errorf("%s is %s (%s), want %s", serial, d.Outcome, d.Reason, want[serial])
		}
	}
	if len(v.Job.Drives) != len(drives) || v.Job.Install != nil || v.Job.Installs != 0 {
		t.Errorf("%d drives, %d orders to install", len(v.Job.Drives), v.Job.Installs)
	}
	if err := m.AwaitConsole(b.ctx, "Pull the drive in M.2 SSD1 (serial WORN)"); err != nil {
		t.Errorf("the bench's screen does not say which drive is to be destroyed: %v", err)
	}
	b.screen(m, "destroy")
	if err := b.Client().Retry(b.ctx, 1); err == nil {
		t.Error("an installation could be ordered on a quarantined machine")
	}
}
