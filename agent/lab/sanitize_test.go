package lab

import (
	"testing"
	"testing/synctest"
	"time"

	"regain.example/agent/drive"
	"regain.example/agent/nvme"
)

// CDW10 by Base section 5.24: SANACT in bits 2:0, AUSE in bit 3.
const (
	exit              = 1
	block             = 2
	blockUnrestricted = 2 | 1<<3
	crypto            = 4 | 1<<3
)

// Base 2.3 section 8.1.26.4: what a Sanitize command does in each state.
func TestSanitizeStates(t *testing.T) {
	running := func(cdw10 uint32) func(*bench) {
		return func(b *bench) { b.c.spec.SanitizeReadings = 100; b.sanitize(cdw10) }
	}
	failed := func(cdw10 uint32) func(*bench) {
		return func(b *bench) {
			b.c.SanitizeFailsAt = 1
			b.sanitize(cdw10)
			b.status()
			b.c.SanitizeFailsAt = 0
			b.c.spec.SanitizeReadings = 100
		}
	}
	for name, c := range map[string]struct {
		state  func(*bench)
		cdw10  uint32
		status int
		after  uint16 // SSTAT bits 2:0
	}{
		"idle: start, restricted":          {func(*bench) {}, block, 0, succeeded},
		"idle: start, unrestricted":        {func(*bench) {}, blockUnrestricted, 0, succeeded},
		"idle: exit failure mode":          {func(*bench) {}, exit, 0, 0},
		"idle: reserved action":            {func(*bench) {}, 6, invalidField, 0},
		"restricted processing: start":     {running(block), block, sanitizeInProgress, inProgress},
		"restricted processing: exit":      {running(block), exit, sanitizeInProgress, inProgress},
		"unrestricted processing: start":   {running(crypto), crypto, sanitizeInProgress, inProgress},
		"unrestricted processing: exit":    {running(crypto), exit, sanitizeInProgress, inProgress},
		"restricted failure: exit":         {failed(block), exit, sanitizeFailed, failedState},
		"restricted failure: unrestricted": {failed(block), blockUnrestricted, sanitizeFailed, failedState},
		"restricted failure: restricted":   {failed(block), block, 0, inProgress},
		"unrestricted failure: exit":       {failed(crypto), exit, 0, failedState},
		"unrestricted failure: start":      {failed(crypto), blockUnrestricted, 0, inProgress},
		"unrestricted failure: restricted": {failed(crypto), block, 0, inProgress},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, ordinary())
			c.state(b)
			if got := b.sanitize(c.cdw10); got != c.status {
				t.Errorf("status %#x", got)
			}
			if sstat, _, _ := b.status(); sstat&7 != c.after {
				t.Errorf("SSTAT %#x", sstat)
			}
		})
	}
}

// Base 2.3 figure 143, and section 8.1.26.5 for I/O. A command that is allowed
// and that this drive does not have ends with Invalid Command Opcode.
func TestWhatIsAllowedDuringASanitize(t *testing.T) {
	for _, failed := range []bool{false, true} {
		b := newBench(t, ordinary())
		dev := b.open()
		want, sstat := sanitizeInProgress, uint16(inProgress)
		if failed {
			b.c.SanitizeFailsAt, want, sstat = 1, sanitizeFailed, failedState
		} else {
			b.c.spec.SanitizeReadings = 1000
		}
		b.sanitize(blockUnrestricted)
		for opcode, allowed := range map[nvme.Opcode]bool{
			0x00: true, 0x01: true, 0x04: true, 0x05: true, 0x02: true, 0x06: true, 0x08: true, 0x09: true, 0x0a: true, 0x0c: true, 0x18: true,
			0x0d: false, 0x10: false, 0x11: false, 0x14: false, 0x15: false, 0x80: false, 0x81: false, 0x82: false, 0x86: false,
		} {
			if got := b.send(nvme.Command{Opcode: opcode, NSID: 1}); (got != want) != allowed {
				t.Errorf("failed %v: opcode %02xh: status %#x", failed, opcode, got)
			}
		}
		p := drive.Buffer(512)
		if _, err := dev.ReadAt(p, 0); err == nil {
			t.Error("a read is served")
		}
		if _, err := dev.WriteAt(p, 0); err == nil {
			t.Error("a write is served")
		}
		if _, err := dev.(drive.FUAReader).ReadFUA(p, 0); err == nil {
			t.Error("a read with FUA is served")
		}
		if got, _, _ := b.status(); got&7 != sstat {
			t.Errorf("SSTAT %#x", got)
		}
		if len(b.Drives()) != 1 || b.Health(b.d).Error != "" {
			t.Error("it cannot be identified, or tells nothing of its health")
		}
	}
}

// Base section 5.16.1.25 and Base 2.3 section 5.2.12.1.36.
func TestSanitizeStatusLog(t *testing.T) {
	spec := ordinary()
	spec.SanitizeReadings = 4
	b := newBench(t, spec)
	if sstat, sprog, _ := b.status(); sstat != 0 || sprog != 0xffff {
		t.Errorf("never started: SSTAT %#x, SPROG %#x", sstat, sprog)
	}
	b.sanitize(blockUnrestricted)
	for i := range 3 {
		sstat, sprog, scdw10 := b.status()
		if sstat != 2 || int(sprog) != (i+1)*65536/4 || scdw10 != blockUnrestricted {
			t.Errorf("reading %d: SSTAT %#x, SPROG %#x, SCDW10 %#x", i, sstat, sprog, scdw10)
		}
	}
	for range 2 { // it is retained across power cycles
		if sstat, sprog, scdw10 := b.status(); sstat != 0x101 || sprog != 0xffff || scdw10 != blockUnrestricted {
			t.Errorf("over: SSTAT %#x, SPROG %#x, SCDW10 %#x", sstat, sprog, scdw10)
		}
		b.PowerCut()
		b.PowerOn()
	}
	b.write(b.open(), "data", 0)
	if sstat, _, _ := b.status(); sstat != 1 {
		t.Errorf("written to: SSTAT %#x", sstat)
	}
	// A refusal changes nothing (Base 2.3 section 8.1.26.1).
	if b.send(nvme.Command{Opcode: opSanitize, NSID: 1, CDW10: block}) != invalidField {
		t.Error("an NSID is taken")
	}
	if sstat, _, scdw10 := b.status(); sstat != 1 || scdw10 != blockUnrestricted {
		t.Errorf("refused: SSTAT %#x, SCDW10 %#x", sstat, scdw10)
	}
}

func TestSanitizeIsRefusedIfNotAdvertised(t *testing.T) {
	for sanicap, want := range map[uint32]map[uint32]int{
		0: {block: invalidOpcode, crypto: invalidOpcode, 3: invalidOpcode, exit: invalidOpcode},
		1: {block: invalidField, crypto: 0, 3: invalidField, exit: 0},
		2: {block: 0, crypto: invalidField, 3: invalidField, exit: 0},
		4: {block: invalidField, crypto: invalidField, 3: 0, exit: 0},
	} {
		for cdw10, status := range want {
			spec := ordinary()
			spec.SANICAP = sanicap
			b := newBench(t, spec)
			if got := b.sanitize(cdw10); got != status {
				t.Errorf("SANICAP %d, CDW10 %#x: status %#x", sanicap, cdw10, got)
			}
			if erased := b.c.Former() == 0; status != 0 && erased {
				t.Errorf("SANICAP %d, CDW10 %#x: refused and erased", sanicap, cdw10)
			}
		}
	}
}

func TestSanitizeReachesEverything(t *testing.T) {
	for _, cdw10 := range []uint32{block, crypto, 3 | 1<<3 | 1<<4} {
		spec := ordinary()
		spec.Unallocated = mib
		spec.Namespaces = append(spec.Namespaces, Namespace{Bytes: mib, Sector: 4096}, Namespace{Bytes: mib, Inactive: true})
		b := newBench(t, spec)
		dev := b.open()
		b.write(dev, formerMark, 0) // in the cache
		if b.sanitize(cdw10) != 0 || b.c.Former() != 0 && cdw10 == crypto {
			t.Errorf("CDW10 %#x", cdw10)
		}
		b.status()
		if n := b.c.Former(); n != 0 {
			t.Errorf("CDW10 %#x: %d sectors of former content", cdw10, n)
		}
		if zero := b.holds(dev, "\x00\x00\x00\x00\x00\x00\x00\x00", 0, true); zero != (cdw10 != crypto) {
			t.Errorf("CDW10 %#x: zeros %v", cdw10, zero)
		}
	}
}

func TestSanitizeTakesItsTimeAndOutlivesAPowerCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		spec := ordinary()
		spec.SanitizeTime = time.Hour
		b := newBench(t, spec)
		b.sanitize(blockUnrestricted)
		time.Sleep(15 * time.Minute)
		if sstat, sprog, _ := b.status(); sstat != 2 || sprog != 0x4000 {
			t.Errorf("a quarter: SSTAT %#x, SPROG %#x", sstat, sprog)
		}
		if n := b.c.Former(); n != size/512*3/4 {
			t.Errorf("%d sectors are left", n)
		}
		b.PowerCut()
		time.Sleep(24 * time.Hour)
		b.PowerOn()
		if sstat, sprog, _ := b.status(); sstat != 2 || sprog != 0x4000 {
			t.Errorf("the power was off: SSTAT %#x, SPROG %#x", sstat, sprog)
		}
		time.Sleep(45 * time.Minute)
		if sstat, _, _ := b.status(); sstat != 0x101 || b.c.Former() != 0 {
			t.Errorf("an hour of power: SSTAT %#x, %d sectors", sstat, b.c.Former())
		}
	})
}

func TestAFailedSanitizeLeavesContentBehind(t *testing.T) {
	b := newBench(t, ordinary())
	b.c.SanitizeFailsAt = 0x8000
	b.sanitize(blockUnrestricted)
	if sstat, sprog, _ := b.status(); sstat != 3 || sprog != 0xffff || b.c.Former() != size/512/2 {
		t.Errorf("SSTAT %#x, SPROG %#x, %d sectors", sstat, sprog, b.c.Former())
	}
	b.PowerCut()
	b.PowerOn()
	if b.sanitize(exit) != 0 {
		t.Error("a failure cannot be left")
	}
	b.open().Close()
}
