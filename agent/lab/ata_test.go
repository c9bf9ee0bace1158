package lab

import (
	"bytes"
	"encoding/binary"
	"testing"

	"regain.example/agent/api"
	"regain.example/agent/drive"
)

func ataDisk(t *testing.T, features ...Feature) (*Machine, *Disk, api.Drive) {
	t.Helper()
	m := New()
	d := m.AddATA(ATA{
		Model: "Lab ATA disk", Serial: "A1", Firmware: "2.0", Bytes: 2 * mib, WWN: 0x5000c500aabbccdd, Features: features,
	})
	return m, d, m.Drives()[0]
}

// Word numbers by ACS-4 table 55.
func TestATAIdentify(t *testing.T) {
	_, d, found := ataDisk(t)
	p := make([]byte, 512)
	if out, err := d.Do(Registers{Command: 0xec}, p); err != nil || out.Status != 0 {
		t.Fatal(out, err)
	}
	word := func(n int) uint16 { return binary.LittleEndian.Uint16(p[2*n:]) }
	if word(0) != 0 || word(60) != 4096 || word(100) != 4096 || word(83)>>14 != 1 || word(83)&(1<<10) == 0 ||
		word(87)>>14 != 1 || word(108) != 0x5000 || word(111) != 0xccdd || word(106) != 0 {
		t.Errorf("% x", p)
	}
	if string(p[54:62]) != "aL bTA A" || string(p[20:22]) != "1A" {
		t.Errorf("strings have the first of two characters in the high byte: %q", p[20:94])
	}
	var sum byte
	for _, b := range p {
		sum += b
	}
	if p[510] != 0xa5 || sum != 0 {
		t.Errorf("checksum: the sum is %d", sum)
	}
	if found.Bus != api.BusATA || found.SizeBytes != 2*mib || found.WWN != "naa.5000c500aabbccdd" || found.Serial != "A1" {
		t.Errorf("%+v", found)
	}
}

func TestATACommands(t *testing.T) {
	m, d, found := ataDisk(t)
	p := drive.Buffer(512)
	copy(p, "by registers")
	for _, in := range []Registers{{Command: 0x35, LBA: 3, Count: 1}, {Command: 0xea}} {
		if out, err := d.Do(in, p); err != nil || out.Status != 0 {
			t.Fatal(out, err)
		}
	}
	m.PowerCut()
	if _, err := d.Do(Registers{Command: 0xec}, p); err == nil {
		t.Error("it answers without power")
	}
	m.PowerOn()
	dev, err := m.Open(found)
	if err != nil {
		t.Fatal(err)
	}
	got := drive.Buffer(512)
	if _, err := dev.ReadAt(got, 3*512); err != nil || !bytes.Equal(got, p) {
		t.Errorf("%q, %v", got[:16], err)
	}
	for _, in := range []Registers{{Command: 0xb4}, {Command: 0xf4}, {Command: 0x25, LBA: 1 << 40}} {
		if out, _ := d.Do(in, got); out.Status&1 == 0 || out.Error&4 == 0 {
			t.Errorf("%+v is not aborted: %+v", in, out)
		}
	}
	if _, err := drive.ReadFUA(dev, got, 0); err == nil {
		t.Error("there is no FUA for ATA")
	}
}

func TestAnATADiskIsOverwritten(t *testing.T) {
	m, d, found := ataDisk(t)
	if d.Former() != 2*mib/512 {
		t.Error(d.Former())
	}
	dev, err := m.Open(found)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := dev.WriteAt(drive.Buffer(2*mib), 0); err != nil {
		t.Error(err)
	}
	dev.Flush()
	raw := []byte("not zero")
	if d.Medium(raw, mib); d.Former() != 0 || string(raw) != "\x00\x00\x00\x00\x00\x00\x00\x00" {
		t.Errorf("%d sectors, %q", d.Former(), raw)
	}
}

// freezer is a set of commands of one: it stops all I/O until the power is cut.
type freezer struct{ frozen bool }

func (f *freezer) Identify(words *[256]uint16) { words[59] |= 1 << 12 }
func (f *freezer) Blocked(*Disk) bool          { return f.frozen }
func (f *freezer) PowerOff(*Disk)              {}
func (f *freezer) PowerOn(*Disk)               { f.frozen = false }
func (f *freezer) Do(_ *Disk, in Registers, _ []byte) (Registers, bool) {
	if in.Command != 0xb4 {
		return Registers{}, false
	}
	f.frozen = true
	return Registers{}, true
}

func TestAFeatureOfAnATADisk(t *testing.T) {
	m, d, found := ataDisk(t, &freezer{})
	raw, err := m.IdentifyData(found)
	if err != nil || binary.LittleEndian.Uint16(raw.ATA[2*59:]) != 1<<12 {
		t.Error(err)
	}
	dev, err := m.Open(found)
	if err != nil {
		t.Fatal(err)
	}
	if out, err := d.Do(Registers{Command: 0xb4}, nil); err != nil || out.Status != 0 {
		t.Error(out, err)
	}
	if _, err := dev.ReadAt(drive.Buffer(512), 0); err == nil {
		t.Error("it is not blocked")
	}
	m.PowerCut()
	m.PowerOn()
	dev, err = m.Open(found)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := dev.ReadAt(drive.Buffer(512), 0); err != nil {
		t.Error(err)
	}
}
