//go:build vm

package jobs

import (
	"path/filepath"
	"slices"
	"testing"
	"time"

	"regain.example/agent/api"
	"regain.example/cmd/internal/oracle"
	"regain.example/cmd/internal/vbench"
	"regain.example/imager"
)

// sesErase is Secure Erase Settings 1, user data erase, of Format NVM (NVM
// Express Base Specification 2.0 section 5.14, command dword 10, bits 11:09).
const (
	sesShift = 9
	sesErase = 1
)

// TestNamespaces erases QEMU's NVMe drive with two namespaces, one of which has
// sectors of 4,096 bytes, by Format through the kernel. The drive would accept
// SES 2 without having advertised it: it is not asked to. Both namespaces lose
// their data and keep their sectors, and the slot on the board is named.
func TestNamespaces(t *testing.T) {
	b := newBench(t, 5*time.Minute, settings{})
	drive := b.drive(vbench.NVMe, "TWO", 32<<20)
	second := vbench.Drive{Serial: "TWO-2", Path: filepath.Join(b.dir, "second.raw"), Sector: 4096}
	if err := oracle.Fill(second.Path, 24<<20, second.Serial, nil); err != nil {
		t.Fatal(err)
	}
	drive.More = []vbench.Namespace{{Path: second.Path, Sector: second.Sector}}
	m := b.plug(vbench.Config{Name: "bench-1", Drives: []vbench.Drive{drive},
		Slots: []vbench.Slot{{Designation: "M.2 SSD1", Bus: 1}}})
	b.powerOn(m)
	v := b.registered(1)
	if slot := storage(v, api.StorageSlot, "M.2 SSD1"); !slot.InUse || !slot.Present || len(slot.Drives) != 2 {
		t.Errorf("the slot: %+v", slot)
	}
	b.approve(v)
	v = b.state(1, imager.JobDone)
	if len(v.Job.Drives) != 2 {
		t.Fatalf("%d drives", len(v.Job.Drives))
	}
	for i, sector := range []uint32{512, 4096} {
		formatted(t, v.Job.Drives[i], sector)
	}
	m.PowerCut()
	b.wiped(drive)
	b.wiped(second)
}

// formatted checks what the record says of one namespace.
func formatted(t *testing.T, d *imager.JobDrive, sector uint32) {
	t.Helper()
	if d.Outcome != imager.OutcomeErased || d.Level != imager.LevelClear {
		t.Errorf("%s is %s %s: %s", d.Drive.Node, d.Outcome, d.Level, d.Reason)
	}
	if d.Drive.Bay != "M.2 SSD1" {
		t.Errorf("%s is in bay %q", d.Drive.Node, d.Drive.Bay)
	}
	if slices.Contains(d.Methods, api.MethodFormatCrypto) || d.Drive.NVMe.FNA != 0 {
		t.Errorf("%s: methods %v were planned with FNA %#x", d.Drive.Node, d.Methods, d.Drive.NVMe.FNA)
	}
	if len(d.Evidence.Attempts) != 1 {
		t.Fatalf("%s: %d attempts", d.Drive.Node, len(d.Evidence.Attempts))
	}
	a := d.Evidence.Attempts[0]
	ses := func(c api.Command) uint32 { return c.Arguments >> sesShift & 7 }
	if a.Method != api.MethodFormat || len(a.Commands) != 1 || ses(a.Commands[0]) != sesErase || a.Commands[0].Status != 0 {
		t.Errorf("%s: method %s, commands %+v", d.Drive.Node, a.Method, a.Commands)
	}
	if a.Markers == nil || a.Markers.Read != a.Markers.Blocks || a.Markers.StillThere != 0 || a.Markers.Former != 0 {
		t.Errorf("%s: markers %+v", d.Drive.Node, a.Markers)
	}
	if a.Sampling == nil || a.Sampling.Other != 0 || a.Sampling.Read != a.Sampling.Blocks {
		t.Errorf("%s: samples %+v", d.Drive.Node, a.Sampling)
	}
	if after := d.Evidence.After; after == nil || after.LogicalSector != sector || after.SizeBytes != d.Drive.SizeBytes {
		t.Errorf("%s afterwards: %+v", d.Drive.Node, after)
	}
}

// storage finds a storage device of the inventory; zero if there is none.
func storage(v imager.View, kind api.StorageKind, address string) api.StorageDevice {
	for _, d := range v.Machine.Inventory.Storage {
		if d.Kind == kind && d.Address == address {
			return d
		}
	}
	return api.StorageDevice{}
}
