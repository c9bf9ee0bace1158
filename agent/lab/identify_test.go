package lab

import (
	"encoding/binary"
	"errors"
	"testing"

	"regain.example/agent/api"
	"regain.example/agent/drive"
	"regain.example/agent/nvme"
)

// ask sends Identify; the data are read by byte numbers.
func (b *bench) ask(cns, nsid uint32) ([]byte, int) {
	b.Helper()
	p := make([]byte, 4096)
	admin, err := b.Admin(b.d)
	if err != nil {
		b.Fatal(err)
	}
	if err := admin.Admin(nvme.Command{Opcode: opIdentify, NSID: nsid, CDW10: cns}, p); err != nil {
		return nil, int(err.(*nvme.StatusError).Status)
	}
	return p, 0
}

// Byte numbers by Base figure 275 and NVM figure 97.
func TestIdentify(t *testing.T) {
	spec := ordinary()
	spec.Unallocated = mib
	spec.Namespaces = append(spec.Namespaces,
		Namespace{Bytes: mib, Sector: 4096, Metadata: 8, Protection: 0x9}, Namespace{Bytes: mib, Inactive: true})
	b := newBench(t, spec)
	le := binary.LittleEndian
	p, _ := b.ask(1, 0)
	if string(p[4:24]) != "S1                  " || string(p[24:32]) != "Lab NVMe" || string(p[64:72]) != "1.0     " ||
		p[77] != 5 || le.Uint16(p[256:]) != 0xa || p[524] != 4 || le.Uint32(p[328:]) != 7 ||
		le.Uint64(p[280:]) != size+3*mib || le.Uint64(p[296:]) != mib || le.Uint32(p[516:]) != 3 || p[525]&1 == 0 {
		t.Errorf("controller: % x", p[:530])
	}
	p, _ = b.ask(0, 1)
	if le.Uint64(p) != size/512 || p[25] != 1 || p[26] != 0 || p[29] != 0 || p[130] != 9 ||
		string(p[120:128]) != "\x00\x11\x22\x33\x44\x55\x66\x77" {
		t.Errorf("namespace 1: % x", p[:140])
	}
	p, _ = b.ask(0, 2)
	if le.Uint64(p) != mib/4096 || p[29] != 9 || p[130] != 12 || le.Uint16(p[128:]) != 8 {
		t.Errorf("namespace 2: % x", p[:140])
	}
	if p, status := b.ask(0, 3); status != 0 || le.Uint64(p) != 0 {
		t.Error("an inactive namespace answers with zeros")
	}
	if _, status := b.ask(0, 4); status != invalidNamespace {
		t.Errorf("no such namespace: status %#x", status)
	}
	for cns, want := range map[uint32][4]uint32{0x02: {1, 2}, 0x10: {1, 2, 3}} {
		p, _ := b.ask(cns, 0)
		above, _ := b.ask(cns, 1)
		for i, id := range want {
			if le.Uint32(p[4*i:]) != id || i > 0 && le.Uint32(above[4*i-4:]) != id {
				t.Errorf("CNS %02xh: % x", cns, p[:16])
			}
		}
	}
	if _, status := b.ask(0x13, 0); status != invalidField {
		t.Errorf("status %#x", status)
	}
}

func TestWhatAMachineTells(t *testing.T) {
	spec := ordinary()
	spec.Namespaces = append(spec.Namespaces, Namespace{Bytes: mib, Inactive: true})
	b := newBench(t, spec)
	b.c.Health.MediaErrors = 3
	b.c.Celsius = func() int { return 71 }
	want := api.NVMe{
		Controller: "nvme0", NSID: 1, Namespaces: 1, Allocated: 2, OACS: 0xa, FNA: 4, SANICAP: 7,
		LBADataSize: 512, TotalBytes: size + mib,
	}
	if *b.d.NVMe != want || b.d.Node != "nvme0n1" || b.d.EUI64 != "0011223344556677" || b.d.SizeBytes != size {
		t.Errorf("%+v %+v", b.d, b.d.NVMe)
	}
	if h := b.Health(b.d); *h.Celsius != 71 || *h.MediaErrors != 3 || *h.SparePercent != 100 {
		t.Errorf("%+v", h)
	}
	if raw, err := b.IdentifyData(b.d); err != nil || len(raw.Controller) != 4096 || raw.Namespace[130] != 9 {
		t.Error(err)
	}
	if b.NativeBytes(b.d) != size+mib {
		t.Error(b.NativeBytes(b.d))
	}
	b.c.Unplug()
	if b.Health(b.d).Error == "" {
		t.Error("an absent drive is healthy")
	}
	if _, err := b.IdentifyData(b.d); err == nil {
		t.Error("an absent drive is identified")
	}
}

func TestANamespaceWithMetadataHasNoFUA(t *testing.T) {
	for _, n := range []Namespace{{Bytes: mib, Metadata: 8}, {Bytes: mib, Protection: 1}} {
		b := newBench(t, NVMe{Namespaces: []Namespace{n}})
		if _, err := drive.ReadFUA(b.open(), drive.Buffer(512), 0); !errors.Is(err, drive.ErrNoFUA) {
			t.Errorf("%+v: %v", n, err)
		}
	}
}
