package lab

import (
	"testing"

	"regain.example/agent/drive"
	"regain.example/agent/nvme"
)

func (b *bench) format(nsid, cdw10 uint32) int {
	b.Helper()
	return b.send(nvme.Command{Opcode: opFormat, NSID: nsid, CDW10: cdw10})
}

// Base 2.3 figure 192: which namespaces a format reaches, by SES, the two bits
// of FNA and the NSID.
func TestFormatScope(t *testing.T) {
	for name, c := range map[string]struct {
		fna         uint8
		nsid, ses   uint32
		left        int // MiB of former content, of 4 namespaces: one inactive, one unallocated
		readsNoZero bool
	}{
		"one":                       {0, 1, 1, 3, false},
		"the other":                 {0, 2, 1, 3, false},
		"cryptographic":             {4, 1, 2, 3, true},
		"broadcast":                 {0, 0xffffffff, 1, 2, false},
		"format all, secure erase":  {1, 1, 1, 3, false},
		"format all, no erase":      {1, 1, 0, 2, false},
		"erase all, secure erase":   {2, 2, 1, 2, false},
		"erase all, no erase":       {2, 2, 0, 3, false},
		"erase all, by crypto, all": {6, 1, 2, 2, true},
	} {
		spec := ordinary()
		spec.FNA, spec.Unallocated = c.fna, mib
		spec.Namespaces = []Namespace{{Bytes: mib}, {Bytes: mib}, {Bytes: mib, Inactive: true}}
		b := newBench(t, spec)
		if got := b.format(c.nsid, c.ses<<9); got != 0 {
			t.Errorf("%s: status %#x", name, got)
		}
		if n := b.c.Former(); n != c.left*mib/512 {
			t.Errorf("%s: %d sectors are left", name, n)
		}
		node := b.c.namespace(1)
		if c.nsid == 2 {
			node = b.c.namespace(2)
		}
		if zero := node.v.medium.at(0)[7] == 0 && node.v.medium.at(0)[77] == 0; zero == c.readsNoZero {
			t.Errorf("%s: zeros %v", name, zero)
		}
	}
}

func TestFormatIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*NVMe)
		nsid   uint32
		cdw10  uint32
		want   int
	}{
		"not advertised":        {func(s *NVMe) { s.OACS = 0 }, 1, 1 << 9, invalidOpcode},
		"no cryptographic":      {func(s *NVMe) { s.FNA = 0 }, 1, 2 << 9, invalidField},
		"reserved SES":          {func(*NVMe) {}, 1, 3 << 9, invalidField},
		"no such namespace":     {func(*NVMe) {}, 7, 1 << 9, invalidNamespace},
		"namespace 0":           {func(*NVMe) {}, 0, 1 << 9, invalidNamespace},
		"another LBA format":    {func(*NVMe) {}, 1, 1<<9 | 1, invalidFormat},
		"protection is dropped": {func(s *NVMe) { s.Namespaces[0].Protection = 1 }, 1, 1 << 9, invalidFormat},
	} {
		spec := ordinary()
		c.change(&spec)
		b := newBench(t, spec)
		if got := b.format(c.nsid, c.cdw10); got != c.want {
			t.Errorf("%s: status %#x", name, got)
		}
		if b.c.Former() != size/512 {
			t.Errorf("%s: refused and erased", name)
		}
	}
}

func TestFormatClearsGlobalDataErased(t *testing.T) {
	b := newBench(t, ordinary())
	b.sanitize(block)
	b.format(1, 1<<9)
	if sstat, _, _ := b.status(); sstat != 1 {
		t.Errorf("SSTAT %#x", sstat)
	}
}

func TestFormatErasesTheCache(t *testing.T) {
	b := newBench(t, ordinary())
	dev := b.open()
	b.write(dev, formerMark, 0)
	b.format(1, 1<<9)
	if b.holds(dev, formerMark, 0, false) || dev.Flush() != nil || b.c.Former() != 0 {
		t.Error("what was cached is still there")
	}
	p := drive.Buffer(512)
	p[0] = 1
	if _, err := dev.WriteAt(p, 0); err != nil {
		t.Error(err)
	}
}
