package gpt

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// sgdisk makes a disk of size bytes in sectors of 512 with the given arguments.
func sgdisk(t testing.TB, size int64, args ...string) []byte {
	t.Helper()
	if _, err := exec.LookPath("sgdisk"); err != nil {
		t.Fatal("sgdisk is missing: install gdisk (make test does)")
	}
	file := filepath.Join(t.TempDir(), "disk")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(file, size); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("sgdisk", append(args, file)...).CombinedOutput(); err != nil {
		t.Fatalf("sgdisk: %v\n%s", err, out)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// typical is a disk with two partitions, in 1 MiB.
func typical(t testing.TB) []byte {
	made.Do(func() {
		disk = sgdisk(t, 1<<20, "-a", "8", "-n", "1:64:127", "-t", "1:ef00", "-u", "1:11223344-5566-7788-99AA-BBCCDDEEFF10", "-c", "1:boot é", "-n", "3:128:0", "-c", "3:root")
	})
	if disk == nil {
		t.Fatal("sgdisk made no disk; see the first test")
	}
	return bytes.Clone(disk)
}

var (
	made sync.Once
	disk []byte
)

// apply puts the changes on a disk.
func apply(disk []byte, changes []Change) {
	for _, c := range changes {
		copy(disk[c.Offset:], c.Data)
	}
}

func TestPartitions(t *testing.T) {
	table, err := Read(bytes.NewReader(typical(t)), 512, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	parts := table.Partitions()
	if len(parts) != 2 {
		t.Fatalf("partitions: %+v", parts)
	}
	p := parts[0]
	if p.Number != 1 || p.First != 64 || p.Last != 127 || p.Name != "boot é" || !p.IsESP() ||
		p.GUID.String() != "11223344-5566-7788-99aa-bbccddeeff10" {
		t.Errorf("partition 1: %+v, %s", p, p.GUID)
	}
	if p := parts[1]; p.Number != 3 || p.IsESP() || p.Name != "root" {
		t.Errorf("partition 3: %+v", p)
	}
}

// sgdisk finds no problem after the fit, on drives of any size.
func TestFit(t *testing.T) {
	image := typical(t)
	for _, size := range []int64{1 << 20, 1<<20 + 512, 2<<20 - 512, 2 << 20, 2<<20 + 17*512, 35 << 20} {
		t.Run(strconv.FormatInt(size, 10), func(t *testing.T) {
			disk := make([]byte, size)
			copy(disk, image)
			table, err := Read(bytes.NewReader(disk), 512, uint64(size))
			if err != nil {
				t.Fatal(err)
			}
			if err := table.Fit(3); err != nil {
				t.Fatal(err)
			}
			changes, err := table.Changes()
			if err != nil {
				t.Fatal(err)
			}
			apply(disk, changes)
			if err := Verify(bytes.NewReader(disk), 512, uint64(size)); err != nil {
				t.Error(err)
			}
			file := filepath.Join(t.TempDir(), "disk")
			if err := os.WriteFile(file, disk, 0o600); err != nil {
				t.Fatal(err)
			}
			out, err := exec.Command("sgdisk", "-v", file).CombinedOutput()
			if err != nil || !strings.Contains(string(out), "No problems found") {
				t.Errorf("sgdisk -v: %v\n%s", err, out)
			}
			last := table.Partitions()[1].Last
			if left := uint64(size)/512 - 34 - last; left > 2048 || (size > 2<<20 && (last+1)%2048 != 0) {
				t.Errorf("partition 3 ends at %d, %d usable sectors behind it", last, left)
			}
		})
	}
}

// edited returns a typical disk with its primary header changed and sealed anew,
// so that the checksum is not what gives the change away.
func edited(t testing.TB, edit func(disk, header []byte)) []byte {
	disk := typical(t)
	h := disk[512 : 512+92]
	edit(disk, h)
	binary.LittleEndian.PutUint32(h[88:], crc32.ChecksumIEEE(disk[1024:1024+16384]))
	binary.LittleEndian.PutUint32(h[16:], 0)
	binary.LittleEndian.PutUint32(h[16:], crc32.ChecksumIEEE(h))
	return disk
}

func TestReadRefuses(t *testing.T) {
	le := binary.LittleEndian
	for _, c := range []struct {
		name string
		disk []byte
		want error
	}{
		{"no table", make([]byte, 1<<20), ErrNone},
		{"no room", make([]byte, 1024), ErrNone},
		{"header damaged", func() []byte { d := typical(t); d[512+48]++; return d }(), ErrInvalid},
		{"entries damaged", func() []byte { d := typical(t); d[1024+100]++; return d }(), ErrInvalid},
		{"revision", edited(t, func(_, h []byte) { h[8] = 1 }), ErrInvalid},
		{"header of 4 GiB", edited(t, func(_, h []byte) { le.PutUint32(h[12:], 0xffffffff) }), ErrInvalid},
		{"header elsewhere", edited(t, func(_, h []byte) { le.PutUint64(h[24:], 7) }), ErrInvalid},
		{"entries of one byte", edited(t, func(_, h []byte) { le.PutUint32(h[84:], 1) }), ErrInvalid},
		{"entries of 192 bytes", edited(t, func(_, h []byte) { le.PutUint32(h[84:], 192) }), ErrInvalid},
		{"a billion entries", edited(t, func(_, h []byte) { le.PutUint32(h[80:], 1e9) }), ErrInvalid},
		{"no entries", edited(t, func(_, h []byte) { le.PutUint32(h[80:], 0) }), ErrInvalid},
		{"entries outside the drive", edited(t, func(_, h []byte) { le.PutUint64(h[72:], 1<<62) }), ErrInvalid},
		{"entries among the partitions", edited(t, func(_, h []byte) { le.PutUint64(h[40:], 30) }), ErrInvalid},
		{"usable space outside the drive", edited(t, func(_, h []byte) { le.PutUint64(h[48:], 1<<40) }), ErrInvalid},
		{"usable space upside down", edited(t, func(_, h []byte) { le.PutUint64(h[48:], 33) }), ErrInvalid},
		{"partition upside down", edited(t, func(d, _ []byte) { le.PutUint64(d[1024+40:], 63) }), ErrInvalid},
		{"partition in the table", edited(t, func(d, _ []byte) { le.PutUint64(d[1024+32:], 5) }), ErrInvalid},
		{"partition outside", edited(t, func(d, _ []byte) { le.PutUint64(d[1024+256+40:], 1<<40) }), ErrInvalid},
		{"partitions overlap", edited(t, func(d, _ []byte) { le.PutUint64(d[1024+40:], 130) }), ErrInvalid},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := Read(bytes.NewReader(c.disk), 512, uint64(len(c.disk))); !errors.Is(err, c.want) {
				t.Errorf("error %v, want %v", err, c.want)
			}
		})
	}
}

func TestVerifyRefuses(t *testing.T) {
	good := typical(t)
	if err := Verify(bytes.NewReader(good), 512, uint64(len(good))); err != nil {
		t.Fatalf("a good disk: %v", err)
	}
	for name, edit := range map[string]func(d []byte) []byte{
		"backup lost":         func(d []byte) []byte { clear(d[len(d)-512:]); return d },
		"backup damaged":      func(d []byte) []byte { d[len(d)-512+60]++; return d },
		"backup table lost":   func(d []byte) []byte { clear(d[len(d)-33*512 : len(d)-512]); return d },
		"drive larger":        func(d []byte) []byte { return append(d, make([]byte, 512)...) },
		"another disk's copy": func(d []byte) []byte { copy(d[len(d)-33*512:], sgdisk(t, int64(len(d)))[len(d)-33*512:]); return d },
	} {
		t.Run(name, func(t *testing.T) {
			d := edit(bytes.Clone(good))
			if err := Verify(bytes.NewReader(d), 512, uint64(len(d))); err == nil {
				t.Error("accepted")
			}
		})
	}
}

func TestHybridStays(t *testing.T) {
	disk := typical(t)
	disk[446+16+4] = 0x0c
	table, err := Read(bytes.NewReader(disk), 512, uint64(len(disk)))
	if err != nil {
		t.Fatal(err)
	}
	if err := table.Fit(0); err != nil {
		t.Fatal(err)
	}
	changes, err := table.Changes()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range changes {
		if c.Offset < 512 {
			t.Errorf("%s changes the hybrid MBR", c.Why)
		}
	}
}

// Whatever a disk says, reading it ends without a panic, and what is accepted can
// be fitted into the drive. The checksums are made right, to let the fuzzer past
// them.
func FuzzRead(f *testing.F) {
	d := typical(f)
	f.Add(d[446:462], d[512:604], d[1024:1024+512], uint8(0), uint8(0))
	f.Add(d[446:462], d[512:604], d[1024:1024+512], uint8(200), uint8(3))
	f.Fuzz(func(t *testing.T, mbr, header, entries []byte, more, grow uint8) {
		size := 1<<20 + uint64(more)*512
		disk := make([]byte, size)
		copy(disk[446:510], mbr)
		copy(disk[510:], "\x55\xaa")
		h := disk[512 : 512+92]
		copy(h, header)
		copy(disk[1024:1024+16384], entries)
		binary.LittleEndian.PutUint32(h[88:], crc32.ChecksumIEEE(disk[1024:1024+16384]))
		binary.LittleEndian.PutUint32(h[16:], 0)
		binary.LittleEndian.PutUint32(h[16:], crc32.ChecksumIEEE(h))
		table, err := Read(bytes.NewReader(disk), 512, size)
		if err != nil || table.Fit(int(grow)) != nil {
			return
		}
		changes, err := table.Changes()
		if err != nil {
			return
		}
		for _, c := range changes {
			if c.Offset+uint64(len(c.Data)) > size {
				t.Fatalf("%s writes %d bytes at %d of %d", c.Why, len(c.Data), c.Offset, size)
			}
		}
		apply(disk, changes)
		if err := Verify(bytes.NewReader(disk), 512, size); err != nil {
			t.Error(err)
		}
	})
}
