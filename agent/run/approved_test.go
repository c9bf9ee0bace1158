package run

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"regain.example/agent/api"
)

// The negative controls of rule 1: whatever differs, nothing is erased.
func TestDrivesChanged(t *testing.T) {
	one, two, three := disk("sda", "1"), disk("sdb", "2"), disk("sdc", "3")
	swapped := one
	swapped.Serial = "9"
	smaller := one
	smaller.SizeBytes--
	left := disk("sr0", "4")
	left.Excluded = "optical"
	for name, test := range map[string]struct {
		approved, there []api.Drive
	}{
		"one more":               {[]api.Drive{one}, []api.Drive{one, two}},
		"one less":               {[]api.Drive{one, two}, []api.Drive{one}},
		"none left":              {[]api.Drive{one}, nil},
		"another serial":         {[]api.Drive{one, two}, []api.Drive{swapped, two}},
		"another size":           {[]api.Drive{one}, []api.Drive{smaller}},
		"swapped":                {[]api.Drive{one, two}, []api.Drive{one, three}},
		"a twin":                 {[]api.Drive{one}, []api.Drive{one, one}},
		"named twice":            {[]api.Drive{one, one}, []api.Drive{one, two}},
		"approved now optical":   {[]api.Drive{left}, []api.Drive{left}},
		"one more, one excluded": {[]api.Drive{one, left}, []api.Drive{one, left}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(test.there...)
				follow(t, b, func(a *Agent) {
					a.Order(eraseOrder(test.approved...))
					time.Sleep(time.Hour)
				})
				if len(b.erased) != 0 || b.told() != "drives-changed" {
					t.Errorf("erased %v, told %q", b.erased, b.told())
				}
				if r := b.only(t, api.ReportDrivesChanged); len(r.Drives) != len(test.there) || r.Job != "J1" {
					t.Errorf("report %+v", r)
				}
			})
		})
	}
}

// A drive that comes during the countdown voids the approval as well.
func TestDriveAddedInCountdown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one := disk("sda", "1")
		b := newBench(one)
		follow(t, b, func(a *Agent) {
			a.Order(eraseOrder(one))
			time.Sleep(10 * time.Second)
			b.mu.Lock()
			b.drives = append(b.drives, disk("sdb", "2"))
			b.mu.Unlock()
			time.Sleep(time.Hour)
		})
		if len(b.erased) != 0 || !strings.HasSuffix(b.told(), "drives-changed") {
			t.Errorf("erased %v, told %q", b.erased, b.told())
		}
	})
}

// What the profile leaves alone counts for the set of drives, and is not touched.
func TestLeftDriveIsNotErased(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one, stick := disk("sda", "1"), disk("sdb", "2")
		b := newBench(one, stick)
		order := eraseOrder(stick, one)
		order.Erase.Drives[0].Leave = "removable"
		follow(t, b, func(a *Agent) { a.Order(order); time.Sleep(time.Minute) })
		if len(b.erased) != 1 || b.erased[0] != one.ID() {
			t.Errorf("erased %v, told %q", b.erased, b.told())
		}
	})
}

func TestExcludedDrivesDoNotCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one, optical := disk("sda", "1"), disk("sr0", "")
		optical.Excluded = "optical"
		b := newBench(one, optical)
		follow(t, b, func(a *Agent) { a.Order(eraseOrder(one)); time.Sleep(time.Minute) })
		if len(b.erased) != 1 {
			t.Errorf("erased %v, told %q", b.erased, b.told())
		}
	})
}

func TestOrderWithoutDrives(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		follow(t, b, func(a *Agent) { a.Order(eraseOrder()); time.Sleep(time.Minute) })
		if b.told() != "trouble" {
			t.Errorf("told %q", b.told())
		}
	})
}
