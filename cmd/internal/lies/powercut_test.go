package lies

import (
	"testing"
	"testing/synctest"
	"time"

	"regain.example/agent/api"
	"regain.example/agent/lab"
)

// TestPowerCutAtEveryStep cuts the power at every command, write and flush of
// every method: before the drive has it, amid, and after. In the boots that
// follow, the controller hands back what its journal holds; a drive that is not
// accepted gets a new job. Nothing is ever called erased that holds anything of
// before, and in the end each drive is erased.
func TestPowerCutAtEveryStep(t *testing.T) {
	each(t, func(t *testing.T, k kind) {
		first, last := k.begin(t), ops(t, k, op.changes)
		for n := first; n <= last; n++ {
			if thinned(n, 23) {
				continue
			}
			for _, when := range []lab.Moment{lab.Before, lab.Amid, lab.After} {
				cutAt(t, k, n, when)
			}
		}
	})
}

// begin is the op from which on this kind does what no other does: where a key's
// end is followed by an overwrite, that of the overwrite.
func (k kind) begin(t *testing.T) int {
	t.Helper()
	if k.profile.CryptoAlone || !k.firmware() {
		return 1
	}
	alone := k
	alone.profile.CryptoAlone = true
	return ops(t, alone, op.changes) - 3
}

// cutAt cuts the power at the n-th op that changes something.
func cutAt(t *testing.T, k kind, n int, when lab.Moment) {
	t.Helper()
	m := k.make(small, 512)
	w := k.workshop(t, m)
	w.drives = &tap{Drives: m.machine, counts: op.changes, hook: func(at int) {
		if at == n {
			m.machine.CutAt(1, when)
		}
	}}
	if w.boot(t.Context()) {
		t.Fatalf("cut %d at %d: the power did not go", when, n)
	}
	w.drives = m.machine
	for range 4 {
		if !w.boot(t.Context()) {
			t.Fatalf("cut %d at %d: the power went again", when, n)
		}
		if w.erased() {
			break
		}
		w.approve() // a person approves the machine again
	}
	if left := m.oracle().Former(); !w.erased() || left > 0 {
		t.Fatalf("cut %d at %d: after %d boots %+v, %d sectors of before", when, n, w.boots, w.judged[0], left)
	}
}

// TestTwoPowerCuts cuts the power again in the boot that follows a cut.
func TestTwoPowerCuts(t *testing.T) {
	each(t, func(t *testing.T, k kind) {
		last := ops(t, k, op.changes)
		for n := 5; n <= last; n += 13 {
			for second := 1; second <= last; second += 23 {
				if thinned(n+second, 7) {
					continue
				}
				m := k.make(small, 512)
				w := k.workshop(t, m)
				for _, at := range []int{n, second} {
					w.drives = &tap{Drives: m.machine, counts: op.changes, hook: func(seen int) {
						if seen == at {
							m.machine.CutAt(1, lab.Amid)
						}
					}}
					if w.boot(t.Context()) && w.erased() && m.oracle().Former() > 0 {
						t.Fatalf("cuts at %d and %d: %+v", n, second, w.judged[0])
					}
				}
				w.drives = m.machine
				for range 4 {
					if w.erased() {
						break
					}
					if w.boot(t.Context()) && !w.erased() {
						w.approve()
					}
				}
				if left := m.oracle().Former(); !w.erased() || left > 0 {
					t.Fatalf("cuts at %d and %d: %+v, %d sectors of before", n, second, w.judged[0], left)
				}
			}
		}
	})
}

// TestSanitizeIsWaitedForAfterAPowerCut: the drive goes on by itself, so the next
// boot sends no second command, and knows the markers of the first again.
func TestSanitizeIsWaitedForAfterAPowerCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := kinds()[0]
		k.nvme = func(n *lab.NVMe) { n.SanitizeTime = 10 * time.Minute }
		m := k.make(small, 512)
		w := k.workshop(t, m)
		w.onStep = func(_ api.DriveID, e api.JournalEntry) {
			if e.Stage == api.StageAccepted {
				time.AfterFunc(3*time.Minute, func() { m.machine.PowerCut(); m.machine.OnCut() })
			}
		}
		if w.boot(t.Context()) {
			t.Fatal("the power did not go")
		}
		w.onStep = nil
		w.boot(t.Context())
		a := w.job[0].Evidence.Attempts[0]
		if !w.erased() || m.nvme.Former() > 0 {
			t.Fatalf("%+v, %d sectors of before", w.judged[0], m.nvme.Former())
		}
		if a.Sanitize.Accepted || a.Sanitize.SeenRunning == 0 || !a.Markers.Carried || a.Markers.Read != 64 {
			t.Errorf("%+v, %+v", a.Sanitize, a.Markers)
		}
		sent := 0
		for _, c := range m.nvme.Sent() {
			if c.Opcode == 0x84 {
				sent++
			}
		}
		if sent != 1 {
			t.Errorf("%d sanitize commands in two boots", sent)
		}
	})
}
