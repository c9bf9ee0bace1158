package lab

import (
	"errors"
	"testing"

	"regain.example/agent/drive"
	"regain.example/agent/nvme"
)

func TestArmedPowerCut(t *testing.T) {
	for name, c := range map[string]struct {
		step    int
		when    Moment
		left    int // sectors of former content
		sstat   uint16
		stopped string // the first thing that fails
	}{
		"never":                {100, Before, 0, 0x101, ""},
		"before the write":     {1, Before, size / 512, 0, "write"},
		"after the write":      {1, After, size / 512, 0, "write"},
		"before the flush":     {2, Before, size / 512, 0, "flush"},
		"amid the flush":       {2, Amid, size/512 - 8, 0, "flush"},
		"after the flush":      {2, After, size/512 - 16, 0, "flush"},
		"before the sanitize":  {3, Before, size/512 - 16, 0, "sanitize"},
		"amid the sanitize":    {3, Amid, 0, 0x101, "sanitize"},
		"after the sanitize":   {3, After, 0, 0x101, "sanitize"},
		"when the log is read": {4, Before, 0, 0x101, "log"},
	} {
		b := newBench(t, ordinary())
		stopped, called := "", 0
		b.OnCut = func() { called++ }
		b.CutAt(c.step, c.when)
		dev := b.open()
		admin, err := b.Admin(b.d)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range []struct {
			name string
			do   func() error
		}{
			{"write", func() error { _, err := dev.WriteAt(drive.Buffer(2*page), 0); return err }},
			{"flush", dev.Flush},
			{"sanitize", func() error { return admin.Admin(nvme.Command{Opcode: opSanitize, CDW10: block}, nil) }},
			{"log", func() error { _, err := nvme.ReadSanitizeLog(admin); return err }},
		} {
			if err := s.do(); err != nil {
				if !errors.Is(err, drive.ErrGone) {
					t.Errorf("%s: %v", name, err)
				}
				stopped = s.name
				break
			}
		}
		if stopped != c.stopped || (called == 1) != (stopped != "") {
			t.Errorf("%s: stopped at %q, told %d times", name, stopped, called)
		}
		if (len(b.Drives()) == 0) != (stopped != "") {
			t.Errorf("%s: %d drives", name, len(b.Drives()))
		}
		b.PowerOn()
		if sstat, _, _ := b.status(); sstat != c.sstat || b.c.Former() != c.left {
			t.Errorf("%s: SSTAT %#x, %d sectors left", name, sstat, b.c.Former())
		}
	}
}

func TestStepsAreCounted(t *testing.T) {
	b := newBench(t, ordinary())
	dev := b.open()
	before := b.Steps()
	b.write(dev, "x", 0)
	b.holds(dev, "x", 0, true)
	dev.Flush()
	b.status()
	b.Identify(b.d) // taking stock is none
	if n := b.Steps() - before; n != 4 {
		t.Errorf("%d steps", n)
	}
}

func TestAFormatThatIsCutIsHalfDone(t *testing.T) {
	b := newBench(t, ordinary())
	b.CutAt(1, Amid)
	if b.format(1, 1<<9) != -1 {
		t.Error("it was answered")
	}
	b.PowerOn()
	if n := b.c.Former(); n != size/512/2 {
		t.Errorf("%d sectors are left", n)
	}
}

func TestUnpluggedAtAStep(t *testing.T) {
	b := newBench(t, ordinary())
	other := b.AddNVMe(NVMe{Model: "Other", Serial: "S9", Namespaces: []Namespace{{Bytes: mib}}})
	dev := b.open()
	b.c.UnplugAt(2, Before)
	b.write(dev, "x", 0)
	if err := dev.Flush(); !errors.Is(err, drive.ErrGone) {
		t.Error(err)
	}
	if drives := b.Drives(); len(drives) != 1 || drives[0].Serial != "S9" || other.Former() != mib/512 {
		t.Errorf("%+v", drives)
	}
	b.PowerCut()
	b.PowerOn()
	if _, err := b.Identify(b.d); !errors.Is(err, drive.ErrGone) {
		t.Error("it is back:", err)
	}
}
