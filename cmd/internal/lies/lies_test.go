package lies

import (
	"cmp"
	"errors"
	"slices"
	"testing"
	"testing/synctest"

	"regain.example/agent/api"
	"regain.example/agent/drive"
	"regain.example/agent/lab"
	"regain.example/agent/nvme"
	"regain.example/imager"
)

// lie is one way in which a drive deceives.
type lie struct {
	// name is the field of lab.Lies, or what else the laboratory does.
	name string
	// does and caught are for the table of docs/erasure.md: what the drive does,
	// and what catches it.
	does, caught string
	// to are the kinds of erasure that it is told to.
	to []string
	// tell sets it up.
	tell func(made)
	// rules are the rows of the verdict that may decide.
	rules []string
	// boots is how many boots it takes; 1 if 0. The last one samples again
	// what was accepted before.
	boots int
	size  int64 // of the drive, in bytes; 1 MiB if 0
}

// The kinds that a lie is told to.
func firmwareKinds() []string {
	return []string{"sanitize-block", "sanitize-crypto", "sanitize-crypto, then overwrite", "sanitize-overwrite",
		"format-crypto", "format-crypto, then overwrite", "format"}
}

func sanitizeKinds() []string {
	return []string{"sanitize-block", "sanitize-crypto", "sanitize-crypto, then overwrite", "sanitize-overwrite"}
}

func overwriteKinds() []string { return []string{"overwrite", "overwrite of an ATA disk"} }

func allKinds() []string { return append(firmwareKinds(), overwriteKinds()...) }

// lies is the table of docs/erasure.md.
func lies() []lie {
	set := func(f func(*lab.Lies)) func(made) { return func(m made) { f(m.lies()) } }
	return []lie{
		{name: "EraseNothing", does: "reports success and erases nothing", caught: "markers are still there",
			to: firmwareKinds(), rules: []string{"content", "belied"},
			tell: set(func(l *lab.Lies) { l.EraseNothing = true })},
		{name: "EraseTouched", does: "erases only where it was watched", caught: "samples at places that were named afterwards",
			to: []string{"sanitize-block", "format"}, rules: []string{"content"}, size: 512 * mib,
			tell: set(func(l *lab.Lies) { l.EraseTouched = true })},
		{name: "RestoreAtRead", does: "brings content back at the first read", caught: "markers are still there",
			to: firmwareKinds(), rules: []string{"content", "belied"},
			tell: set(func(l *lab.Lies) { l.RestoreAtRead = 1 })},
		{name: "RestoreAtRead later", does: "brings content back when the markers have been read", caught: "samples",
			to: []string{"sanitize-block", "sanitize-crypto", "sanitize-overwrite", "format-crypto", "format"}, rules: []string{"content"},
			tell: set(func(l *lab.Lies) { l.RestoreAtRead = 300 })},
		{name: "RestoreAtPowerOn", does: "brings content back at the next power-on", caught: "the fresh sampling before anything is installed",
			to: []string{"sanitize-block", "sanitize-crypto", "sanitize-overwrite", "format-crypto", "format"}, rules: []string{"recheck"}, boots: 2,
			tell: set(func(l *lab.Lies) { l.RestoreAtPowerOn = true })},
		{name: "ShowErased", does: "lets reads see an erased drive from its cache", caught: "reads with Force Unit Access",
			to: []string{"sanitize-block", "sanitize-crypto", "sanitize-overwrite", "format-crypto", "format"}, rules: []string{"content"},
			tell: set(func(l *lab.Lies) { l.ShowErased = true })},
		{name: "StuckAt", does: "never comes to the end of a sanitize", caught: "the time without progress",
			to: sanitizeKinds(), rules: []string{"error"},
			tell: set(func(l *lab.Lies) { l.StuckAt = 655 })},
		{name: "LogZeroed", does: "says that it was never sanitized", caught: "the state in the sanitize log",
			to: sanitizeKinds(), rules: []string{"sanitize", "error"},
			tell: set(func(l *lab.Lies) { l.LogZeroed = true })},
		{name: "WrapAt", does: "wraps addresses", caught: "the read-back of the markers before the command, of the pattern after the pass",
			to: allKinds(), rules: []string{"refused", "content"},
			tell: set(func(l *lab.Lies) { l.WrapAt = mib / 2 })},
		{name: "FlushLost", does: "acknowledges a flush and loses what it was for", caught: "reads with Force Unit Access",
			to: append(firmwareKinds(), "overwrite"), rules: []string{"refused", "content"},
			tell: set(func(l *lab.Lies) { l.FlushLost = true })},
		{name: "FailRead", does: "cannot read some sectors afterwards", caught: "read errors are counted",
			to: []string{"sanitize-block", "sanitize-crypto", "sanitize-overwrite", "format-crypto", "format"}, rules: []string{"markers", "samples"},
			tell: func(m made) {
				erased := false
				m.nvme.OnCommand = func(c nvme.Command) {
					erased = erased || c.Opcode == nvme.OpcodeFormatNVM || c.Opcode == nvme.OpcodeSanitize
				}
				m.nvme.Lies.FailRead = func(off int64) bool { return erased && off == 0 }
			}},
		{name: "FailWrite", does: "cannot write some sectors", caught: "write errors are counted",
			to: allKinds(), rules: []string{"refused", "content"},
			tell: set(func(l *lab.Lies) { l.FailWrite = func(off int64) bool { return off == 0 } })},
		{name: "OtherSerial", does: "tells another serial afterwards", caught: "the identity before and after",
			to: firmwareKinds(), rules: []string{"changed", "stopped"},
			tell: set(func(l *lab.Lies) { l.OtherSerial = true })},
		{name: "OtherSize", does: "tells another size afterwards", caught: "the size before and after",
			to: firmwareKinds(), rules: []string{"changed", "stopped", "error"},
			tell: set(func(l *lab.Lies) { l.OtherSize = true })},
		{name: "OtherFormat", does: "uses another LBA format afterwards", caught: "the LBA format before and after",
			to: firmwareKinds(), rules: []string{"changed", "stopped", "error"},
			tell: set(func(l *lab.Lies) { l.OtherFormat = true })},
		{name: "Unplug", does: "disappears when it was told to erase", caught: "the work stopped before its end",
			to: firmwareKinds(), rules: []string{"stopped"},
			tell: func(m made) {
				m.nvme.OnCommand = func(c nvme.Command) {
					if c.Opcode == nvme.OpcodeFormatNVM || c.Opcode == nvme.OpcodeSanitize {
						m.nvme.Unplug()
					}
				}
			}},
		{name: "Refuse", does: "reports the success of an earlier sanitize, without having started this one",
			caught: "success counts only if the command was accepted, or seen in progress",
			to:     sanitizeKinds(), rules: []string{"error", "sanitize", "command"},
			tell: func(m made) {
				sanitizedBefore(m)
				m.nvme.Refuse = map[nvme.Opcode]nvme.Status{nvme.OpcodeSanitize: nvme.StatusInternalError}
			}},
	}
}

// sanitizedBefore sanitizes a drive and puts its content back, so that its log
// tells of a success.
func sanitizedBefore(m made) {
	d := m.machine.Drives()[0]
	dev, err := m.machine.Open(d)
	if err != nil {
		panic(err)
	}
	defer dev.Close()
	admin, err := m.machine.Admin(d)
	if err != nil {
		panic(err)
	}
	content := drive.Buffer(int(dev.Size()))
	_, err = dev.ReadAt(content, 0)
	action, _ := nvme.ActionOf(m.kind.methods[0])
	err = errors.Join(err, admin.Admin(nvme.Sanitize(action, false), nil))
	for {
		log, readErr := nvme.ReadSanitizeLog(admin)
		if err = errors.Join(err, readErr); err != nil || log.Succeeded() {
			break
		}
	}
	_, writeErr := dev.WriteAt(content, 0)
	if err := errors.Join(err, writeErr, dev.Flush()); err != nil {
		panic(err)
	}
}

func find(t *testing.T, name string) kind {
	t.Helper()
	all := kinds()
	i := slices.IndexFunc(all, func(k kind) bool { return k.name == name })
	if i < 0 {
		t.Fatalf("no kind of erasure is called %q", name)
	}
	return all[i]
}

// TestLies tells each lie to each kind of erasure that it concerns. The same
// drive without the lie is erased: TestHonestDriveIsErased, and once more here
// where more than one boot is needed.
func TestLies(t *testing.T) {
	for _, l := range lies() {
		t.Run(l.name, func(t *testing.T) {
			for i, name := range l.to {
				if thinned(i, len(l.to)) || thinned(int(l.size), 2*mib-1) {
					continue
				}
				t.Run(name, func(t *testing.T) {
					k, honest := find(t, name), l
					honest.tell = func(made) {}
					synctest.Test(t, func(t *testing.T) { told(t, k, l) })
					synctest.Test(t, func(t *testing.T) {
						if w := run(t, k, honest); !w.erased() {
							t.Errorf("without the lie: %+v", w.judged[0])
						}
					})
				})
			}
		})
	}
}

func told(t *testing.T, k kind, l lie) {
	w := run(t, k, l)
	if w.erased() {
		t.Fatalf("believed: %+v", w.judged[0])
	}
	if j := w.judged[0]; !slices.Contains(l.rules, j.Rule) || j.Reason == "" || j.Advice == "" {
		t.Errorf("caught by another row than %v: %+v", l.rules, j)
	}
}

// run lets a drive with the lie be erased; with a second boot the machine's power
// is cut after its drive was accepted.
func run(t *testing.T, k kind, l lie) *workshop {
	t.Helper()
	m := k.make(cmp.Or(l.size, mib), 512)
	l.tell(m)
	w := k.workshop(t, m)
	w.boot(t.Context())
	for n := 1; n < l.boots; n++ {
		if !w.erased() {
			t.Fatalf("in boot %d: %+v", n, w.judged[0])
		}
		m.machine.PowerCut()
		w.boot(t.Context())
	}
	return w
}

// TestFirstNamespaceOnly: of two namespaces the drive erases the first, whichever
// was asked for. The second is caught, and the first is what it is.
func TestFirstNamespaceOnly(t *testing.T) {
	for _, name := range []string{"sanitize-block", "format"} {
		for _, lying := range []bool{true, false} {
			synctest.Test(t, func(t *testing.T) {
				k := find(t, name)
				m := lab.New()
				c := m.AddNVMe(ordinary(lab.Namespace{Bytes: mib, EUI64: 1}, lab.Namespace{Bytes: mib, EUI64: 2}))
				c.Lies.FirstNamespaceOnly = lying
				w := newWorkshop(t, m, k.profile, k.methods...)
				w.boot(t.Context())
				first, second := w.judged[0], w.judged[1]
				switch {
				case !lying && (!w.erased() || c.Former() > 0):
					t.Errorf("%s, honest: %+v, %+v", name, first, second)
				case lying && second.Outcome != imager.OutcomeNotErased:
					t.Errorf("%s: %+v, %+v", name, first, second)
				}
			})
		}
	}
}

// TestForgottenSanitize: a power cut ends the sanitize, and the drive says that it
// was never sanitized. The next boot begins it anew, instead of believing that it
// is done.
func TestForgottenSanitize(t *testing.T) {
	for _, name := range sanitizeKinds() {
		synctest.Test(t, func(t *testing.T) {
			k := find(t, name)
			m := k.make(mib, 512)
			m.nvme.Lies.ForgetsSanitize = true
			w := k.workshop(t, m)
			w.onStep = func(_ api.DriveID, e api.JournalEntry) {
				if e.Stage == api.StageAccepted {
					m.machine.CutAt(1, lab.Before)
				}
			}
			if w.boot(t.Context()) {
				t.Fatalf("%s: the power did not go", name)
			}
			w.onStep = nil
			w.boot(t.Context())
			if !w.erased() || m.nvme.Former() > 0 || w.job[0].Evidence.Attempts[0].Markers.Carried {
				t.Errorf("%s: %+v, %d sectors of before", name, w.judged[0], m.nvme.Former())
			}
		})
	}
}

// TestContentThatComesBackLate brings content back at the very last read, with and
// without a full read-back.
func TestContentThatComesBackLate(t *testing.T) {
	for _, verify := range []api.Verify{api.VerifyFull, api.VerifyNISTR2} {
		synctest.Test(t, func(t *testing.T) {
			k := find(t, "format")
			k.profile.Verify = verify
			m := k.make(4*mib, 512)
			w := k.workshop(t, m)
			formatted := false
			m.nvme.OnCommand = func(c nvme.Command) { formatted = formatted || c.Opcode == nvme.OpcodeFormatNVM }
			counter := &tap{Drives: m.machine, counts: func(o op) bool { return formatted && o == opRead }}
			w.drives = counter
			w.boot(t.Context())
			reads := counter.seen()

			m = k.make(4*mib, 512)
			m.nvme.Lies.RestoreAtRead = reads
			w = k.workshop(t, m)
			w.boot(t.Context())
			if !slices.Contains([]string{"content", "noise"}, w.judged[0].Rule) || m.nvme.Former() == 0 {
				t.Errorf("%s, at the last of %d reads: %+v", verify, reads, w.judged[0])
			}
		})
	}
}

// TestLimitOfTheProof is what nothing here sees: a drive that shows an erased
// medium to every read, past its own cache too. A drive whose format carries
// metadata is read without FUA, and can do so.
func TestLimitOfTheProof(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := find(t, "sanitize-block")
		m := lab.New()
		c := m.AddNVMe(ordinary(lab.Namespace{Bytes: mib, EUI64: 1, Metadata: 8}))
		c.Lies.ShowErased = true
		w := newWorkshop(t, m, k.profile, k.methods...)
		w.boot(t.Context())
		if !w.erased() || c.Former() == 0 || w.job[0].Evidence.Attempts[0].Markers.FUA {
			t.Errorf("%+v: what docs/erasure.md says of this limit is out of date", w.judged[0])
		}
	})
}
