package inspect_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"regain.example/images/catalogue/inspect"
	"regain.example/images/manifest"
)

// gpt writes a disk of 256 sectors with one partition, of sectors 40 to 199, after
// the tables of UEFI 2.10 section 5.3.
func gpt(sector int) []byte {
	le := binary.LittleEndian
	b := make([]byte, 256*sector)
	copy(b[446:], []byte{0, 0, 2, 0, 0xee, 0xff, 0xff, 0xff, 1, 0, 0, 0, 255, 0, 0, 0}) // 5.2.3
	b[510], b[511] = 0x55, 0xaa

	entries := b[2*sector:][:128*128]
	copy(entries, []byte{0x28, 0x73, 0x2a, 0xc1, 0x1f, 0xf8, 0xd2, 0x11, 0xba, 0x4b, 0, 0xa0, 0xc9, 0x3e, 0xc9, 0x3b})
	entries[16] = 1
	le.PutUint64(entries[32:], 40)
	le.PutUint64(entries[40:], 199)
	copy(entries[56:], "E\x00S\x00P\x00")

	header := func(at, other, table int) {
		h := b[at*sector:][:92]
		copy(h, "EFI PART\x00\x00\x01\x00")
		le.PutUint32(h[12:], 92)
		le.PutUint64(h[24:], uint64(at))
		le.PutUint64(h[32:], uint64(other))
		le.PutUint64(h[40:], 34)
		le.PutUint64(h[48:], 222)
		le.PutUint64(h[72:], uint64(table))
		le.PutUint32(h[80:], 128)
		le.PutUint32(h[84:], 128)
		le.PutUint32(h[88:], crc32.ChecksumIEEE(entries))
		le.PutUint32(h[16:], crc32.ChecksumIEEE(h))
	}
	header(1, 255, 2)
	header(255, 1, 2)
	return b
}

func read(b []byte) (inspect.Disk, error) {
	return inspect.Read(bytes.NewReader(b), int64(len(b)))
}

func TestReadGPT(t *testing.T) {
	for _, sector := range []int{512, 4096} {
		d, err := read(gpt(sector))
		if err != nil {
			t.Fatalf("%d: %v", sector, err)
		}
		want := inspect.Partition{Number: 1, Offset: uint64(40 * sector), Length: uint64(160 * sector),
			Type: "C12A7328-F81F-11D2-BA4B-00A0C93EC93B", Name: "ESP"}
		if d.Scheme != inspect.GPT || d.LogicalSector != uint32(sector) || len(d.Partitions) != 1 || d.Partitions[0] != want {
			t.Errorf("%d: %+v", sector, d)
		}
		if !d.Partitions[0].IsESP() || len(d.Warnings) != 0 || d.BootCode {
			t.Errorf("%d: %+v", sector, d)
		}
	}
}

func TestReadGPTWithoutBackup(t *testing.T) {
	b := gpt(512)
	clear(b[255*512:])
	d, err := read(b)
	if err != nil || len(d.Warnings) != 1 || !strings.Contains(d.Warnings[0], "backup") {
		t.Errorf("%q, %v", d.Warnings, err)
	}
}

func TestReadRefuses(t *testing.T) {
	le := binary.LittleEndian
	for name, spoil := range map[string]func(b []byte) []byte{
		"empty":           func(b []byte) []byte { return nil },
		"short":           func(b []byte) []byte { return b[:100] },
		"no signature":    func(b []byte) []byte { b[510] = 0; return b },
		"no GPT header":   func(b []byte) []byte { clear(b[512:1024]); return b },
		"header's sum":    func(b []byte) []byte { b[512+16] ^= 1; return b },
		"header's length": func(b []byte) []byte { le.PutUint32(b[512+12:], 1<<31); return b },
		"entries' sum":    func(b []byte) []byte { b[1024+60] ^= 1; return b },
		"cut behind it":   func(b []byte) []byte { return b[:190*512] },
		"no partition":    func(b []byte) []byte { clear(b[446:510]); return b },
		"boot flag":       func(b []byte) []byte { b[446] = 7; return b },
	} {
		if d, err := read(spoil(gpt(512))); !errors.Is(err, inspect.ErrNoTable) {
			t.Errorf("%s: %+v, %v, want ErrNoTable", name, d, err)
		}
	}
}

// An MBR disk as stock tools make it.
func TestReadMBR(t *testing.T) {
	dir := t.TempDir()
	run(t, dir, `truncate -s 20M d && parted -s d mklabel msdos mkpart primary fat32 1MiB 10MiB \
		mkpart primary ext2 10MiB 100% set 1 boot on && printf '\353\143' | dd of=d conv=notrunc`)
	b, err := os.ReadFile(filepath.Join(dir, "d"))
	if err != nil {
		t.Fatal(err)
	}
	d, err := read(b)
	if err != nil || d.Scheme != inspect.MBR || len(d.Partitions) != 2 {
		t.Fatalf("%+v, %v", d, err)
	}
	if p := d.Partitions[0]; p.Offset != 1<<20 || p.Length != 9<<20 || !p.Active {
		t.Errorf("%+v", p)
	}
	if last, ok := d.Last(); !ok || last.Number != 2 {
		t.Errorf("last %+v", last)
	}
	if kinds := inspect.Firmware(bytes.NewReader(b), d); len(kinds) != 1 || kinds[0] != manifest.BIOS {
		t.Errorf("firmware %v", kinds)
	}
}

// The loader is found on FAT of each width, as mkfs.vfat and mtools write it, and
// what is no loader is not taken for one.
func TestFirmware(t *testing.T) {
	loader := pe(0x8664, true)
	for name, c := range map[string]struct {
		bits, mib, path string
		loader          []byte
		want            string
	}{
		"FAT12":      {"12", "2", "EFI/BOOT/BOOTX64.EFI", loader, "uefi secureboot"},
		"FAT16":      {"16", "16", "EFI/BOOT/BOOTX64.EFI", loader, "uefi secureboot"},
		"FAT32":      {"32", "40", "EFI/BOOT/BOOTX64.EFI", loader, "uefi secureboot"},
		"lower case": {"32", "40", "efi/boot/bootx64.efi", loader, "uefi secureboot"},
		"unsigned":   {"16", "16", "EFI/BOOT/BOOTX64.EFI", pe(0x8664, false), "uefi"},
		"other path": {"16", "16", "EFI/debian/grubx64.efi", loader, ""},
		"for ARM":    {"16", "16", "EFI/BOOT/BOOTX64.EFI", pe(0xaa64, true), ""},
		"32-bit header": {"16", "16", "EFI/BOOT/BOOTX64.EFI", func() []byte {
			b := bytes.Clone(loader)
			binary.LittleEndian.PutUint16(b[0x98:], 0x10b)
			return b
		}(), ""},
		"header far away": {"16", "16", "EFI/BOOT/BOOTX64.EFI", func() []byte {
			b := bytes.Clone(loader)
			binary.LittleEndian.PutUint32(b[0x3c:], 0xffff_fff0)
			return b
		}(), ""},
		"text":         {"16", "16", "EFI/BOOT/BOOTX64.EFI", []byte("loader"), ""},
		"empty":        {"16", "16", "EFI/BOOT/BOOTX64.EFI", nil, ""},
		"file for dir": {"16", "16", "EFI", loader, ""},
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "loader"), c.loader, 0o600); err != nil {
			t.Fatal(err)
		}
		run(t, dir, `truncate -s `+c.mib+`M fs && mkfs.vfat -F `+c.bits+` -n test fs
			d=; for part in $(dirname `+c.path+` | tr / ' '); do [ $part = . ] || { d=$d/$part; mmd -i fs ::$d; }; done
			mcopy -i fs loader ::`+c.path+`
			truncate -s $((`+c.mib+` + 2))M disk && sgdisk -n 1:2048:+`+c.mib+`M -t 1:ef00 disk
			dd if=fs of=disk bs=1M seek=1 conv=notrunc`)
		b, err := os.ReadFile(filepath.Join(dir, "disk"))
		if err != nil {
			t.Fatal(err)
		}
		d, err := read(b)
		if err != nil {
			t.Fatal(err)
		}
		if got := d.Partitions[0].Label; !strings.EqualFold(got, "test") {
			t.Errorf("%s: label %q", name, got)
		}
		var kinds []string
		for _, k := range inspect.Firmware(bytes.NewReader(b), d) {
			kinds = append(kinds, string(k))
		}
		if got := strings.Join(kinds, " "); got != c.want {
			t.Errorf("%s: firmware %q, want %q", name, got, c.want)
		}
	}
}

// pe makes the headers of an image (PE Format, "File Headers", "Optional Header"),
// with or without a certificate table.
func pe(machine uint16, signed bool) []byte {
	le := binary.LittleEndian
	b := make([]byte, 1024)
	copy(b, "MZ")
	le.PutUint32(b[0x3c:], 0x80)
	copy(b[0x80:], "PE\x00\x00")
	le.PutUint16(b[0x84:], machine)
	le.PutUint32(b[0x8c:], 0x999999) // a symbol table far behind the head, as shim has
	le.PutUint32(b[0x90:], 77)
	le.PutUint16(b[0x94:], 112+16*8)
	le.PutUint16(b[0x98:], 0x20b)
	le.PutUint32(b[0x98+108:], 16)
	if signed {
		le.PutUint32(b[0x98+112+32:], 1024)
		le.PutUint32(b[0x98+112+36:], 1500)
	}
	return b
}

func run(t *testing.T, dir, script string) {
	t.Helper()
	cmd := exec.Command("sh", "-ec", script)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "PATH="+os.Getenv("PATH")+":/sbin:/usr/sbin")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// FuzzRead lays its bytes over the beginning of a good disk and over the file
// system of its partition, so that checksums do not keep all of it out.
func FuzzRead(f *testing.F) {
	good := gpt(512)
	f.Add([]byte{}, []byte{})
	f.Add(good[440:1200], []byte{0xeb, 0x3c, 0x90, 'm', 'k', 'f', 's', '.', 'f', 'a', 't', 0, 2, 1, 1, 0, 1, 16, 0, 160, 0, 0xf8, 1, 0})
	f.Fuzz(func(t *testing.T, head, fs []byte) {
		b := bytes.Clone(good)
		copy(b[440:], head)
		copy(b[40*512:200*512], fs)
		b[40*512+510], b[40*512+511] = 0x55, 0xaa
		d, err := read(b)
		if err != nil {
			if !errors.Is(err, inspect.ErrNoTable) {
				t.Errorf("error %v does not wrap ErrNoTable", err)
			}
			return
		}
		for _, p := range d.Partitions {
			if d.Scheme == inspect.GPT && p.Offset+p.Length > uint64(len(b)) {
				t.Errorf("partition %+v lies outside the disk of %d bytes", p, len(b))
			}
		}
		inspect.Firmware(bytes.NewReader(b), d)
	})
}
