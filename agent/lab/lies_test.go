package lab

import (
	"errors"
	"testing"

	"golang.org/x/sys/unix"

	"regain.example/agent/drive"
	"regain.example/agent/nvme"
)

// erasures are the two ways to erase a drive by command.
var erasures = map[string]func(*bench) int{
	"format":   func(b *bench) int { return b.format(1, 1<<9) },
	"sanitize": func(b *bench) int { return b.sanitize(blockUnrestricted) },
}

func TestLiesAboutErasing(t *testing.T) {
	const all = size / 512
	for name, c := range map[string]struct {
		lies Lies
		look func(*bench) int // what is left, of all sectors
		want int
	}{
		"honest":               {Lies{}, func(b *bench) int { return b.c.Former() }, 0},
		"erases nothing":       {Lies{EraseNothing: true}, func(b *bench) int { return b.c.Former() }, all},
		"erases what was read": {Lies{EraseTouched: true}, func(b *bench) int { return b.c.Former() }, all - mib/512},
		"restores at power-on": {Lies{RestoreAtPowerOn: true}, func(b *bench) int {
			if b.c.Former() != 0 {
				return -1
			}
			b.PowerCut()
			b.PowerOn()
			return b.c.Former()
		}, all},
		"restores at the third read": {Lies{RestoreAtRead: 3}, func(b *bench) int {
			dev := b.open()
			b.holds(dev, "", 0, false)
			b.holds(dev, "", 0, false)
			if b.c.Former() != 0 {
				return -1
			}
			b.holds(dev, "", 0, false)
			return b.c.Former()
		}, all},
		"shows an erased drive": {Lies{ShowErased: true}, func(b *bench) int {
			dev := b.open()
			if b.holds(dev, formerMark, 0, false) || !b.holds(dev, formerMark, 0, true) {
				return -1
			}
			b.write(dev, "new", 512)
			if !b.holds(dev, "new", 512, false) {
				return -1
			}
			b.PowerCut()
			b.PowerOn()
			return b.c.Former()
		}, all},
	} {
		for how, erase := range erasures {
			b := newBench(t, ordinary())
			b.c.Lies = c.lies
			dev := b.open()
			b.holds(dev, formerMark, 2*mib, false)
			dev.Close()
			if got := erase(b); got != 0 {
				t.Errorf("%s, %s: status %#x", name, how, got)
			}
			if sstat, _, _ := b.status(); how == "sanitize" && sstat != 0x101 {
				t.Errorf("%s: SSTAT %#x", name, sstat)
			}
			if got := c.look(b); got != c.want {
				t.Errorf("%s, %s: %d sectors, not %d", name, how, got, c.want)
			}
		}
	}
}

func TestOnlyTheFirstNamespaceIsErased(t *testing.T) {
	for how, erase := range erasures {
		spec := ordinary()
		spec.FNA |= 2
		spec.Namespaces = []Namespace{{Bytes: mib}, {Bytes: 2 * mib}}
		b := newBench(t, spec)
		b.c.Lies.FirstNamespaceOnly = true
		erase(b)
		b.status()
		if n := b.c.Former(); n != 2*mib/512 {
			t.Errorf("%s: %d sectors", how, n)
		}
	}
}

func TestLiesOfTheLog(t *testing.T) {
	b := newBench(t, ordinary())
	b.c.Lies.StuckAt = 655
	b.sanitize(blockUnrestricted)
	for range 100 {
		if sstat, sprog, _ := b.status(); sstat != 2 || sprog != 655 {
			t.Fatalf("stuck: SSTAT %#x, SPROG %d", sstat, sprog)
		}
	}
	b = newBench(t, ordinary())
	b.c.Lies.LogZeroed = true
	b.sanitize(blockUnrestricted)
	if sstat, sprog, scdw10 := b.status(); sstat != 0 || sprog != 0 || scdw10 != 0 || b.c.Former() != 0 {
		t.Errorf("zeroed: %#x %#x %#x", sstat, sprog, scdw10)
	}
	spec := ordinary()
	spec.SanitizeReadings = 10
	b = newBench(t, spec)
	b.c.Lies.ForgetsSanitize = true
	b.sanitize(blockUnrestricted)
	b.status()
	b.PowerCut()
	b.PowerOn()
	if sstat, _, _ := b.status(); sstat != 0 || b.c.Former() == 0 {
		t.Errorf("forgotten: SSTAT %#x", sstat)
	}
	// Success in the log from before, and a command that is refused.
	b = newBench(t, ordinary())
	b.c.SetSanitizeLog(0x101, blockUnrestricted)
	b.c.Refuse = map[nvme.Opcode]nvme.Status{opSanitize: invalidField}
	if b.sanitize(blockUnrestricted) != invalidField {
		t.Error("it was taken")
	}
	if sstat, _, scdw10 := b.status(); sstat != 0x101 || scdw10 != blockUnrestricted || b.c.Former() != size/512 {
		t.Errorf("refused: SSTAT %#x", sstat)
	}
}

func TestAddressesThatWrap(t *testing.T) {
	b := newBench(t, ordinary())
	b.c.Lies.WrapAt = mib
	dev := b.open()
	b.write(dev, "wrapped", 3*mib+512)
	if !b.holds(dev, "wrapped", 512, false) || !b.holds(dev, "wrapped", 2*mib+512, true) {
		t.Error("each address has a sector of its own")
	}
	p := drive.Buffer(2 * mib)
	if n, err := dev.WriteAt(p, mib/2); n != len(p) || err != nil {
		t.Error(n, err)
	}
	dev.Flush()
	if n := b.c.Former(); n != (size-mib)/512 {
		t.Errorf("%d sectors", n)
	}
}

func TestFlushesAreLost(t *testing.T) {
	b := newBench(t, ordinary())
	b.c.Lies.FlushLost = true
	dev := b.open()
	b.write(dev, "lost", 0)
	if err := dev.Flush(); err != nil {
		t.Error(err)
	}
	if !b.holds(dev, "lost", 0, false) || b.holds(dev, "lost", 0, true) {
		t.Error("a read shows it, and the medium does not")
	}
	p := drive.Buffer(2 * mib)
	if _, err := dev.WriteAt(p, mib); err != nil {
		t.Fatal(err)
	}
	if b.holds(dev, "lost", 0, false) {
		t.Error("it is still in the cache")
	}
	raw := make([]byte, 32)
	if b.c.Medium(1, raw, 0); string(raw[:len(formerMark)]) != formerMark {
		t.Errorf("the medium holds %q", raw)
	}
	b.PowerCut()
	b.PowerOn()
	if n := b.c.Former(); n != size/512 {
		t.Errorf("%d sectors", n)
	}
}

func TestSectorsFail(t *testing.T) {
	b := newBench(t, ordinary())
	b.c.Lies.FailRead = func(off int64) bool { return off == 1024 }
	b.c.Lies.FailWrite = func(off int64) bool { return off >= mib }
	dev := b.open()
	p := drive.Buffer(4096)
	if n, err := dev.ReadAt(p, 0); n != 1024 || !errors.Is(err, unix.EIO) {
		t.Error(n, err)
	}
	if n, err := dev.ReadAt(p, 4096); n != 4096 || err != nil {
		t.Error(n, err)
	}
	if n, err := dev.WriteAt(p, mib-2048); n != 2048 || !errors.Is(err, unix.EIO) {
		t.Error(n, err)
	}
}

func TestAnotherDriveAfterwards(t *testing.T) {
	for how, erase := range erasures {
		for name, c := range map[string]struct {
			lies    Lies
			changed func(*bench) bool
		}{
			"serial": {Lies{OtherSerial: true}, func(b *bench) bool { return b.Drives()[0].Serial != b.d.Serial }},
			"size":   {Lies{OtherSize: true}, func(b *bench) bool { return b.Drives()[0].SizeBytes == b.d.SizeBytes-mib }},
			"format": {Lies{OtherFormat: true}, func(b *bench) bool {
				now := b.Drives()[0]
				return now.ID() == b.d.ID() && now.NVMe.LBAFormat == 1 && now.NVMe.Metadata == 8
			}},
		} {
			b := newBench(t, ordinary())
			b.c.Lies = c.lies
			if c.changed(b) {
				t.Errorf("%s, %s: changed before", how, name)
			}
			erase(b)
			b.status()
			if !c.changed(b) {
				t.Errorf("%s, %s: %+v", how, name, b.Drives()[0])
			}
		}
	}
}
