//go:build vm

package jobs

import (
	"errors"
	"strings"
	"testing"
	"time"

	"regain.example/cmd/internal/vbench"
	"regain.example/imager"
)

// TestHiddenStorage has a SCSI controller that no module of ours drives, and a
// slot in use in which nothing shows itself. Drives may hide behind both: the
// machine cannot be approved, and the page names what hides. Nothing is erased.
func TestHiddenStorage(t *testing.T) {
	b := newBench(t, 3*time.Minute, settings{})
	drive := b.drive(vbench.SATA, "SEEN", 8<<20)
	m := b.plug(vbench.Config{Name: "bench-1", Drives: []vbench.Drive{drive},
		Slots: []vbench.Slot{{Designation: "M.2 SSD2", Bus: 9}},
		Extra: []string{"-device", "am53c974"}})
	b.powerOn(m)
	v := b.registered(1)
	blocked := strings.Join(v.Blocked, "\n")
	for _, says := range []string{"1022:2020", "M.2 SSD2"} {
		if !strings.Contains(blocked, says) {
			t.Errorf("%s hides, and the page does not say so: %q", says, blocked)
		}
	}
	_, err := b.Approve(b.ctx, v, "main")
	if !errors.Is(err, imager.ErrConflict) || !strings.Contains(err.Error(), "1022:2020") {
		t.Errorf("the approval was not refused with a word on the controller: %v", err)
	}
	if v, err = b.Client().Machine(b.ctx, 1); err != nil || v.Job != nil {
		t.Errorf("%s, %v", vbench.Describe(v), err)
	}
	m.PowerCut()
	b.untouched(drive)
}
