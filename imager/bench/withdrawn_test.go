package bench_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"regain.example/agent/api"
	"regain.example/imager"
)

// quarantined brings a machine with one bad drive, SER0001, to quarantine.
func quarantined(r *rig) *agent {
	r.t.Helper()
	a, j := erasing(r, "erase", drive(0), drive(1))
	bad := evidence(drive(1))
	bad.Attempts[0].Error = "I/O error"
	a.must(a.send(report(j.ID, bad)))
	a.erased(j.ID, drive(0))
	r.state(1, imager.JobQuarantined)
	return a
}

// TestWithdrawnDrive is declared, followed, and destroyed; each is on record.
func TestWithdrawnDrive(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		quarantined(r)
		w, err := r.c.Withdraw(t.Context(), "alice", imager.Withdrawn{Machine: 1, Serial: " ser0001 ", Seal: "S-17"})
		if err != nil {
			t.Fatal(err)
		}
		if w.ID == "" || w.Drive != drive(1).ID() || w.Model != "Disk" || !strings.Contains(w.Reason, "I/O error") || w.By != "alice" || w.At.IsZero() || w.Version != 1 {
			t.Errorf("the record is %+v", w)
		}
		r.restart()
		second, err := r.c.Withdraw(t.Context(), "alice", imager.Withdrawn{Machine: 1, Serial: "NEVER-SEEN", Seal: "S-18", Reason: "does not answer"})
		if err != nil || second.Drive != "" {
			t.Fatalf("%+v, %v", second, err)
		}
		time.Sleep(time.Hour)
		if err := r.c.Destroyed(t.Context(), "bob", w.ID, imager.Destruction{Who: "Shredder Ltd.", How: "to 6 mm"}); err != nil {
			t.Fatal(err)
		}
		r.restart()
		all, err := r.c.Withdrawn(t.Context())
		if err != nil || len(all) != 2 || all[0].ID != second.ID || all[1].ID != w.ID {
			t.Fatalf("the list is %+v, %v", all, err)
		}
		if end := all[1].Destroyed; end == nil || end.By != "bob" || end.Who != "Shredder Ltd." || end.How != "to 6 mm" || end.At.Sub(w.At) < time.Hour {
			t.Errorf("its end is %+v", end)
		}
		log := r.view(1).Log
		for i, says := range []string{"Disk, serial ser0001, seal S-17, was destroyed by Shredder Ltd.: to 6 mm", "serial NEVER-SEEN was pulled out and put under seal S-18: does not answer", "Disk, serial ser0001 was pulled out and put under seal S-17"} {
			if !strings.Contains(log[i].Text, says) {
				t.Errorf("entry %d is %q, and does not say %q", i, log[i].Text, says)
			}
		}
	})
}

// TestWithdrawNeeds what makes a drive findable, once.
func TestWithdrawNeeds(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		quarantined(r)
		good := imager.Withdrawn{Machine: 1, Serial: "X1", Seal: "S-1", Reason: "clicks"}
		try := func(want error, says string, change func(*imager.Withdrawn)) {
			t.Helper()
			d := good
			change(&d)
			if _, err := r.c.Withdraw(t.Context(), "alice", d); !errors.Is(err, want) || want != nil && !strings.Contains(err.Error(), says) {
				t.Errorf("%+v: %v, want %v and %q", d, err, want, says)
			}
		}
		try(imager.ErrInvalid, "serial", func(d *imager.Withdrawn) { d.Serial = "  " })
		try(imager.ErrInvalid, "seal", func(d *imager.Withdrawn) { d.Seal = "" })
		try(imager.ErrInvalid, "reason", func(d *imager.Withdrawn) { d.Reason = "\n" })
		try(imager.ErrInvalid, "reason", func(d *imager.Withdrawn) { d.Reason, d.Serial = "", "SER0000" }) // it is erased: nothing is known against it
		try(imager.ErrNotFound, "machine 9", func(d *imager.Withdrawn) { d.Machine = 9 })
		try(nil, "", func(d *imager.Withdrawn) {})
		try(imager.ErrConflict, "S-1", func(d *imager.Withdrawn) { d.Serial, d.Seal = "x1", "S-2" })
		if all, err := r.c.Withdrawn(t.Context()); err != nil || len(all) != 1 {
			t.Errorf("%+v, %v", all, err)
		}
	})
}

func TestDestroyedNeeds(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		quarantined(r)
		w, err := r.c.Withdraw(t.Context(), "alice", imager.Withdrawn{Machine: 1, Serial: "X1", Seal: "S-1", Reason: "clicks"})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		try := func(want error, id string, d imager.Destruction) {
			t.Helper()
			if err := r.c.Destroyed(t.Context(), "bob", id, d); !errors.Is(err, want) {
				t.Errorf("%s %+v: %v, want %v", id, d, err, want)
			}
		}
		whole := imager.Destruction{Who: "w", How: "h"}
		try(imager.ErrNotFound, "none", whole)
		try(imager.ErrInvalid, w.ID, imager.Destruction{Who: "w"})
		try(imager.ErrInvalid, w.ID, imager.Destruction{How: "h"})
		try(imager.ErrInvalid, w.ID, imager.Destruction{Who: "w", How: "h", At: time.Now().Add(time.Hour)})
		try(imager.ErrInvalid, w.ID, imager.Destruction{Who: "w", How: "h", At: w.At.Add(-time.Hour)})
		try(nil, w.ID, whole)
		try(imager.ErrConflict, w.ID, whole)
	})
}

// TestWithdrawnDriveComesBack: in whatever machine, it is said loudly, and nothing
// is approved while it is there.
func TestWithdrawnDriveComesBack(t *testing.T) {
	other := func(drives ...api.Drive) api.Inventory {
		inv := inventory(drives...)
		inv.System = api.System{Serial: "OTHER", UUID: "4c4c4544-0042-3510-8052-b4c04f4d9999"}
		inv.NICs = []api.NIC{{MAC: "00:1b:21:99:99:99", Boot: true}}
		return inv
	}
	unseen := drive(5)
	unseen.Serial = "x1"
	docked := drive(1) // the serial is the dock's
	docked.SerialOfBridge = true
	for name, c := range map[string]struct {
		inv      api.Inventory
		machine  int
		declared imager.Withdrawn
		loud     bool
	}{
		"in the same machine":       {inventory(drive(0), drive(1)), 1, imager.Withdrawn{Serial: "SER0001"}, true},
		"in another machine":        {other(drive(1)), 2, imager.Withdrawn{Serial: "SER0001"}, true},
		"one that was never seen":   {other(unseen), 2, imager.Withdrawn{Serial: "X1"}, true},
		"another in the same dock":  {other(docked), 2, imager.Withdrawn{Serial: "SER0001"}, false},
		"the others of the machine": {inventory(drive(0)), 1, imager.Withdrawn{Serial: "SER0001"}, false},
		"a drive of its serial and another model": {other(func() api.Drive { d := drive(1); d.Model = "Other"; return d }()), 2,
			imager.Withdrawn{Serial: "SER0001"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, r *rig) {
				quarantined(r)
				c.declared.Machine, c.declared.Seal, c.declared.Reason = 1, "S-17", "clicks"
				if _, err := r.c.Withdraw(t.Context(), "alice", c.declared); err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Minute)
				a := r.on(c.inv)
				v := r.view(c.machine)
				_, err := r.c.Approve(t.Context(), "alice", r.approval(c.machine, "erase"))
				if !c.loud {
					if len(v.Blocked) != 0 || err != nil {
						t.Errorf("blocked by %q, %v", v.Blocked, err)
					}
					return
				}
				if len(v.Blocked) != 1 || !strings.Contains(v.Blocked[0], "S-17") || !strings.Contains(v.Blocked[0], "machine 1") {
					t.Fatalf("the page says %q", v.Blocked)
				}
				if !errors.Is(err, imager.ErrConflict) || !strings.Contains(err.Error(), v.Blocked[0]) {
					t.Errorf("approved: %v", err)
				}
				noted := false
				for _, e := range v.Log {
					noted = noted || e.Text == v.Blocked[0]
				}
				if !noted {
					t.Errorf("what happened does not tell of it: %+v", v.Log)
				}
				o, err := a.poll()
				if err != nil || o.Kind != api.OrderWait && o.Kind != api.OrderEnd {
					t.Errorf("order is %+v, %v", o, err)
				}
			})
		})
	}
}

// TestMachineOfAWithdrawnDriveIsKept: it is no stranger that makes room.
func TestMachineOfAWithdrawnDriveIsKept(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.config.MaxStrangers = 2
		r.restart()
		r.on(inventory(drive(0)))
		if _, err := r.c.Withdraw(t.Context(), "alice", imager.Withdrawn{Machine: 1, Serial: "SER0000", Seal: "S-1", Reason: "clicks"}); err != nil {
			t.Fatal(err)
		}
		for i := range 4 {
			time.Sleep(time.Hour)
			inv := inventory(drive(i + 1))
			inv.System = api.System{Serial: fmt.Sprintf("MACHINE%02d", i), UUID: fmt.Sprintf("4c4c4544-0042-3510-8052-b4c04f4d%04x", i)}
			inv.NICs = []api.NIC{{MAC: fmt.Sprintf("00:1b:21:00:01:%02x", i), Boot: true}}
			r.on(inv)
		}
		if v := r.view(1); v.Machine.Number != 1 {
			t.Errorf("machine is %+v", v.Machine)
		}
	})
}
