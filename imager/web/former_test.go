package web_test

import (
	"strings"
	"testing"
	"time"

	"regain.example/imager/imagertest"
)

// back lets a machine of the workshop register again after its job ended.
func back(t *testing.T, op *imagertest.Operator, machine int) {
	t.Helper()
	v, err := op.Machine(t.Context(), machine)
	if err != nil {
		t.Fatal(err)
	}
	v.Machine.LastSeen = v.Job.Ended.Add(time.Minute)
	op.Put(v)
}

// now cuts what a page says of the drives that are in the machine.
func now(t *testing.T, body string) string {
	t.Helper()
	_, rest, found := strings.Cut(body, `data-part="drives"`)
	if !found {
		t.Fatal("the page has no drives")
	}
	drives, _, _ := strings.Cut(rest, "</section>")
	return drives
}

// TestErasureOfThenSaysNothingOfNow: a machine that comes back is not shown as
// erased, and what its last job came to can still be read.
func TestErasureOfThenSaysNothingOfNow(t *testing.T) {
	op := workshop()
	back(t, op, 14)
	_, body := call(t, site(t, op), "GET", "/machines/14", goodSecret, nil)
	if strings.Contains(now(t, body), "erased") {
		t.Errorf("a drive is shown as erased by an earlier job:\n%s", now(t, body))
	}
	_, then, found := strings.Cut(body, "Drives of the last job, as they were at 2026-11-22 09:40:00 UTC")
	if !found || !strings.Contains(then, "Purge (NIST SP 800-88 Rev. 2)") || !strings.Contains(then, "Download the evidence") {
		t.Error("the verdict of the last job cannot be read any more")
	}
}

// TestDestroyStays: a drive beyond the limits is marked as long as it is there.
func TestDestroyStays(t *testing.T) {
	op := workshop()
	back(t, op, 16)
	_, body := call(t, site(t, op), "GET", "/machines/16", goodSecret, nil)
	if drives := now(t, body); !strings.Contains(drives, "Destroy this drive") || !strings.Contains(drives, "unknown in the last job") {
		t.Errorf("the drive is offered as if nothing had been:\n%s", drives)
	}
	v, err := op.Machine(t.Context(), 16)
	if err != nil {
		t.Fatal(err)
	}
	v.Machine.Inventory.Drives[0] = imagertest.SSD("ANOTHER")
	op.Put(v)
	_, body = call(t, site(t, op), "GET", "/machines/16", goodSecret, nil)
	if strings.Contains(now(t, body), "Destroy this drive") {
		t.Error("another drive is marked")
	}
}
