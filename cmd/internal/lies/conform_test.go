package lies

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"

	"regain.example/agent/api"
	"regain.example/agent/lab"
	"regain.example/agent/nvme"
	"regain.example/imager"
)

// each runs a test for every kind of erasure, in a time of its own.
func each(t *testing.T, test func(*testing.T, kind)) {
	for _, k := range kinds() {
		t.Run(k.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { test(t, k) })
		})
	}
}

// TestHonestDriveIsErased is the control of all the others: the same drives,
// without a lie, are erased, and nothing of before is on the medium.
func TestHonestDriveIsErased(t *testing.T) {
	each(t, func(t *testing.T, k kind) {
		for _, sector := range []int{512, 4096} {
			for _, size := range []int64{mib, 3*mib + 8192} {
				for i, verify := range []api.Verify{api.VerifyNISTR2, api.VerifyNISTR1, api.VerifyFull} {
					if thinned(i+sector/4096+int(size/mib), 3) {
						continue
					}
					m := k.make(size, sector)
					k.profile.Verify = verify
					w := k.workshop(t, m)
					w.boot(t.Context())
					name := fmt.Sprintf("%d bytes in sectors of %d, %s", size, sector, verify)
					if !w.erased() || m.oracle().Former() > 0 {
						t.Fatalf("%s: %+v, %d sectors of before", name, w.judged[0], m.oracle().Former())
					}
					if w.judged[0].Level != k.level {
						t.Errorf("%s: level %q", name, w.judged[0].Level)
					}
					if why := incomplete(w.job[0]); why != "" {
						t.Errorf("%s: the evidence lacks %s", name, why)
					}
				}
			}
		}
	})
}

// incomplete says what the evidence of an erased drive lacks.
func incomplete(d *imager.JobDrive) string {
	ev := d.Evidence
	nvme := d.Drive.NVMe != nil
	switch {
	case ev.IdentifyBefore == nil || ev.IdentifyAfter == nil:
		return "identify data"
	case nvme && (len(ev.IdentifyBefore.Controller) != 4096 || len(ev.IdentifyAfter.Namespace) != 4096):
		return "NVMe identify data"
	case ev.HealthBefore == nil || ev.HealthAfter == nil:
		return "health"
	case nvme && (ev.HealthBefore.Error != "" || ev.HealthBefore.Celsius == nil || ev.HealthAfter.MediaErrors == nil):
		return "NVMe health"
	case nvme && ev.NativeBytes == 0:
		return "the native size"
	case ev.After == nil || ev.Stopped != "" || ev.State != "":
		return "a clean end"
	}
	for _, a := range ev.Attempts {
		if why := incompleteAttempt(a, d.Verify); why != "" {
			return fmt.Sprintf("%s of %s", why, a.Method)
		}
	}
	if last := ev.Attempts[len(ev.Attempts)-1]; last.Sampling == nil || last.Sampling.Read == 0 {
		return "samples"
	}
	return ""
}

func incompleteAttempt(a api.Attempt, verify api.Verify) string {
	switch {
	case a.Method == api.MethodOverwrite && (a.Overwrite == nil || a.Overwrite.Pattern == "" || a.ReadBack == nil):
		return "the pass or its read-back"
	case a.Method == api.MethodOverwrite:
		return ""
	case len(a.Commands) == 0:
		return "the commands"
	case a.Markers == nil || a.Markers.Blocks != 64 || a.Markers.Samples == 0:
		return "the markers"
	case !a.Markers.FUA:
		return "reads past the drive's cache"
	}
	for _, c := range a.Commands {
		if c.Name == "" || c.Opcode == 0 {
			return "a command's name"
		}
	}
	return ""
}

// points are the numbers of ops at which a test interferes: all of them up to 40,
// and then so many more, spread over the rest.
func points(last, more int) (at []int) {
	for n := 1; n <= min(last, 40); n++ {
		at = append(at, n)
	}
	for i := range more {
		if n := 40 + (last-40)*(i+1)/more; n > at[len(at)-1] && n <= last {
			at = append(at, n)
		}
	}
	return at
}

// ops counts what an undisturbed run asks of the drive.
func ops(t *testing.T, k kind, counts func(op) bool) int {
	t.Helper()
	m := k.make(small, 512)
	w := k.workshop(t, m)
	counter := &tap{Drives: m.machine, counts: counts}
	w.drives = counter
	w.boot(t.Context())
	if !w.erased() {
		t.Fatalf("an honest drive: %+v", w.judged[0])
	}
	return counter.seen()
}

func every(op) bool { return true }

// TestCancelledIsNeverErased stops the work before, during and at the end of each
// method: the verdict is never erased, and the evidence says what the drive holds.
func TestCancelledIsNeverErased(t *testing.T) {
	each(t, func(t *testing.T, k kind) {
		last := ops(t, k, every)
		for _, n := range append([]int{0}, points(last, 30)...) {
			if thinned(n, 12) {
				continue
			}
			m := k.make(small, 512)
			w := k.workshop(t, m)
			ctx, cancel := context.WithCancel(t.Context())
			reached := n == 0
			w.drives = &tap{Drives: m.machine, counts: every, hook: func(at int) {
				if at == n {
					reached = true
					cancel()
				}
			}}
			if n == 0 {
				cancel()
			}
			w.boot(ctx)
			cancel()
			if !reached && n > last-10 {
				continue // how often a read without FUA is tried depends on the scheduler
			}
			ev := w.job[0].Evidence
			if w.erased() || ev.Stopped == "" {
				t.Fatalf("cancelled at %d of %d: %+v", n, last, w.judged[0])
			}
			if ev.State == "" {
				t.Errorf("cancelled at %d of %d: the evidence does not say what the drive holds", n, last)
			}
		}
	})
}

// TestVanishedIsNeverErased pulls the drive out at any time.
func TestVanishedIsNeverErased(t *testing.T) {
	each(t, func(t *testing.T, k kind) {
		last := ops(t, k, every)
		for _, n := range points(last, 30) {
			if thinned(n, 12) {
				continue
			}
			m := k.make(small, 512)
			w := k.workshop(t, m)
			reached := false
			w.drives = &tap{Drives: m.machine, counts: every, hook: func(at int) {
				if at == n {
					reached = true
					m.oracle().Unplug()
				}
			}}
			w.boot(t.Context())
			if !reached && n > last-10 {
				continue
			}
			if w.erased() || w.job[0].Evidence.After != nil {
				t.Fatalf("pulled at %d of %d: %+v", n, last, w.judged[0])
			}
		}
	})
}

// TestFailingSectorsAreNeverErased has sectors fail that are read or written in
// any case: those at both ends.
func TestFailingSectorsAreNeverErased(t *testing.T) {
	each(t, func(t *testing.T, k kind) {
		for name, fail := range map[string]func(*lab.Lies){
			"first sector, reads":  func(l *lab.Lies) { l.FailRead = func(off int64) bool { return off == 0 } },
			"last sector, reads":   func(l *lab.Lies) { l.FailRead = func(off int64) bool { return off == small-512 } },
			"first sector, writes": func(l *lab.Lies) { l.FailWrite = func(off int64) bool { return off == 0 } },
			"last sector, writes":  func(l *lab.Lies) { l.FailWrite = func(off int64) bool { return off == small-512 } },
			"all":                  func(l *lab.Lies) { l.FailRead = func(int64) bool { return true }; l.FailWrite = l.FailRead },
		} {
			m := k.make(small, 512)
			fail(m.lies())
			w := k.workshop(t, m)
			w.boot(t.Context())
			if w.erased() {
				t.Errorf("%s: %+v", name, w.judged[0])
			}
		}
	})
}

// TestMarkersAreFlushedBeforeTheCommand: a marker that is still in the drive's
// cache would be gone whatever the drive erases.
func TestMarkersAreFlushedBeforeTheCommand(t *testing.T) {
	each(t, func(t *testing.T, k kind) {
		if !k.firmware() {
			return
		}
		m := k.make(small, 512)
		var last op
		m.nvme.OnCommand = func(c nvme.Command) {
			if erases := c.Opcode == nvme.OpcodeFormatNVM || c.Opcode == nvme.OpcodeSanitize; erases && last != opFlush {
				t.Errorf("the command came after a %s", last)
			}
		}
		w := k.workshop(t, m)
		w.drives = &tap{Drives: m.machine, counts: func(o op) bool {
			if o == opWrite || o == opFlush {
				last = o
			}
			return false
		}}
		w.boot(t.Context())
		if !w.erased() || last == "" {
			t.Errorf("%+v", w.judged[0])
		}
	})
}
