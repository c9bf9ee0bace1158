package lab

import (
	"bytes"
	"errors"
	"testing"

	"golang.org/x/sys/unix"

	"regain.example/agent/api"
	"regain.example/agent/drive"
	"regain.example/agent/nvme"
)

const size = 4 * mib

func ordinary() NVMe {
	return NVMe{
		Model: "Lab NVMe", Serial: "S1", Firmware: "1.0", OACS: 1<<1 | 1<<3, FNA: 1 << 2, SANICAP: 7,
		Namespaces: []Namespace{{Bytes: size, EUI64: 0x0011223344556677}},
	}
}

// bench is a machine with one drive.
type bench struct {
	*testing.T
	*Machine
	c *Controller
	d api.Drive
}

func newBench(t *testing.T, spec NVMe) *bench {
	m := New()
	b := &bench{T: t, Machine: m, c: m.AddNVMe(spec)}
	b.d = m.Drives()[0]
	return b
}

func (b *bench) open() drive.Device {
	b.Helper()
	dev, err := b.Open(b.d)
	if err != nil {
		b.Fatal(err)
	}
	return dev
}

// send sends an admin command and returns the status of its answer, or -1.
func (b *bench) send(c nvme.Command) int {
	b.Helper()
	admin, err := b.Admin(b.d)
	if err != nil {
		b.Fatal(err)
	}
	var answer *nvme.StatusError
	switch err := admin.Admin(c, make([]byte, 4096)); {
	case errors.As(err, &answer):
		return int(answer.Status)
	case err != nil:
		return -1
	}
	return 0
}

// sanitize sends CDW10.
func (b *bench) sanitize(cdw10 uint32) int {
	b.Helper()
	return b.send(nvme.Command{Opcode: opSanitize, CDW10: cdw10})
}

// status reads SSTAT and SPROG by the byte numbers of the log page.
func (b *bench) status() (sstat, sprog uint16, scdw10 uint32) {
	b.Helper()
	admin, err := b.Admin(b.d)
	if err != nil {
		b.Fatal(err)
	}
	p := make([]byte, 512)
	if err := admin.Admin(nvme.Command{Opcode: opGetLogPage, NSID: 0xffffffff, CDW10: 0x81 | 127<<16}, p); err != nil {
		b.Fatal(err)
	}
	return uint16(p[2]) | uint16(p[3])<<8, uint16(p[0]) | uint16(p[1])<<8,
		uint32(p[4]) | uint32(p[5])<<8 | uint32(p[6])<<16 | uint32(p[7])<<24
}

func (b *bench) write(dev drive.Device, text string, off int64) {
	b.Helper()
	p := drive.Buffer(dev.LogicalSector())
	copy(p, text)
	if _, err := dev.WriteAt(p, off); err != nil {
		b.Fatal(err)
	}
}

// holds tells whether a sector begins with a text, read normally or with FUA.
func (b *bench) holds(dev drive.Device, text string, off int64, fua bool) bool {
	b.Helper()
	p := drive.Buffer(dev.LogicalSector())
	read := dev.ReadAt
	if fua {
		read = dev.(drive.FUAReader).ReadFUA
	}
	if _, err := read(p, off); err != nil {
		b.Fatal(err)
	}
	return bytes.HasPrefix(p, []byte(text))
}

func TestADriveBeginsWithFormerContentInEverySector(t *testing.T) {
	spec := ordinary()
	spec.Unallocated = mib
	spec.Namespaces = append(spec.Namespaces, Namespace{Bytes: mib, Sector: 4096}, Namespace{Bytes: mib, Inactive: true})
	b := newBench(t, spec)
	if n := b.c.Former(); n != (size+3*mib)/512 {
		t.Errorf("%d sectors", n)
	}
	seen := map[string]bool{}
	for _, v := range b.c.volumes() {
		p := make([]byte, v.medium.size)
		v.medium.read(p, 0)
		for at := 0; at < len(p); at += 512 {
			seen[string(p[at:at+512])] = true
		}
	}
	if len(seen) != (size+3*mib)/512 {
		t.Errorf("%d different sectors", len(seen))
	}
	if n := len(b.Drives()); n != 2 {
		t.Errorf("%d drives, one namespace is inactive", n)
	}
}

func TestOpenIsThatOfAHost(t *testing.T) {
	b := newBench(t, ordinary())
	dev := b.open()
	if _, err := b.Open(b.d); !errors.Is(err, unix.EBUSY) {
		t.Error("opened twice:", err)
	}
	if dev.Size() != size || dev.LogicalSector() != 512 {
		t.Error(dev.Size(), dev.LogicalSector())
	}
	p := drive.Buffer(1024)
	for name, read := range map[string]func() (int, error){
		"half a sector":    func() (int, error) { return dev.ReadAt(p[:256], 0) },
		"between sectors":  func() (int, error) { return dev.ReadAt(p[:512], 100) },
		"unaligned buffer": func() (int, error) { return dev.ReadAt(p[1:513], 0) },
		"beyond the end":   func() (int, error) { return dev.ReadAt(p, size-512) },
		"before the start": func() (int, error) { return dev.WriteAt(p[:512], -512) },
	} {
		if _, err := read(); err == nil {
			t.Errorf("%s is served", name)
		}
	}
	dev.Close()
	other := b.d
	other.Serial = "S2"
	if _, err := b.Open(other); !errors.Is(err, drive.ErrChanged) {
		t.Error(err)
	}
	b.open().Close()
	b.c.Unplug()
	if _, err := b.Open(b.d); !errors.Is(err, drive.ErrGone) {
		t.Error(err)
	}
	if len(b.Drives()) != 0 {
		t.Error("it is still seen")
	}
}

func TestWriteCache(t *testing.T) {
	b := newBench(t, ordinary())
	dev := b.open()
	b.write(dev, "flushed", 0)
	if err := dev.Flush(); err != nil {
		t.Fatal(err)
	}
	b.write(dev, "read with FUA", 8192)
	b.holds(dev, "", 8192, true)
	b.write(dev, "cached", 512)
	for text, off := range map[string]int64{"flushed": 0, "read with FUA": 8192, "cached": 512} {
		if !b.holds(dev, text, off, false) {
			t.Errorf("%s: not read back", text)
		}
	}
	b.PowerCut()
	if _, err := dev.ReadAt(drive.Buffer(512), 0); !errors.Is(err, drive.ErrGone) || !errors.Is(err, unix.ENODEV) {
		t.Error("without power:", err)
	}
	b.PowerOn()
	if _, err := dev.ReadAt(drive.Buffer(512), 0); !errors.Is(err, drive.ErrGone) {
		t.Error("opened before the power cut:", err)
	}
	dev = b.open()
	for text, off := range map[string]int64{"flushed": 0, "read with FUA": 8192, formerMark: 512} {
		if !b.holds(dev, text, off, false) {
			t.Errorf("%s: not on the medium", text)
		}
	}
}

func TestACacheThatIsFullIsWrittenOut(t *testing.T) {
	spec := ordinary()
	spec.CacheBytes = 2 * page
	b := newBench(t, spec)
	dev := b.open()
	for i := range int64(4) {
		b.write(dev, "data", i*page)
	}
	b.PowerCut()
	b.PowerOn()
	dev = b.open()
	for i, want := range []bool{true, true, false, false} {
		if b.holds(dev, "data", int64(i)*page, false) != want {
			t.Errorf("page %d", i)
		}
	}
}
