package catalogue_test

import (
	"context"
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"regain.example/images/catalogue"
	"regain.example/images/manifest"
)

// makeDisk makes a raw disk with stock tools: a GPT of 512-byte sectors with an
// ESP (1), a CIDATA partition (2) and a root (3), with boot code for BIOS in the
// ESP's attribute, and a signed loader. Size is no multiple of 4 MiB.
func makeDisk(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	disk := filepath.Join(dir, "disk.raw")
	sh(t, dir, `exec 2>/dev/null
		truncate -s $((19*1024*1024 + 512)) disk.raw
		sgdisk --clear -n 1:2048:+8M -t 1:ef00 -c 1:ESP -A 1:set:2 \
			-n 2:18432:+1M -t 2:0700 -c 2:seed -n 3:20480:0 -t 3:8304 -c 3:root disk.raw
		truncate -s 8M esp && mkfs.vfat -n ESP esp
		mmd -i esp ::EFI ::EFI/BOOT && mcopy -i esp loader ::EFI/BOOT/BOOTX64.EFI
		truncate -s 1M cidata && mkfs.vfat -n CIDATA cidata
		dd if=esp of=disk.raw bs=1M seek=1 conv=notrunc
		dd if=cidata of=disk.raw bs=1M seek=9 conv=notrunc
		printf '\353\143' | dd of=disk.raw conv=notrunc
	`, "loader", loader(true))
	return disk
}

// loader makes a PE image for x64, with or without a certificate table (PE Format,
// "File Headers" and "Optional Header").
func loader(signed bool) []byte {
	b := make([]byte, 1024)
	le := binary.LittleEndian
	copy(b, "MZ")
	le.PutUint32(b[0x3c:], 0x80)
	copy(b[0x80:], "PE\x00\x00")
	le.PutUint16(b[0x84:], 0x8664)
	le.PutUint32(b[0x8c:], 0x9999) // symbols that are not there, as shim has
	le.PutUint32(b[0x90:], 0x77)
	le.PutUint16(b[0x94:], 112+16*8) // SizeOfOptionalHeader
	opt := b[0x98:]
	le.PutUint16(opt, 0x20b)
	le.PutUint32(opt[108:], 16) // NumberOfRvaAndSizes
	if signed {
		le.PutUint32(opt[112+4*8:], 1024)
		le.PutUint32(opt[112+4*8+4:], 1500)
	}
	return b
}

// sh runs a script in dir after writing files, given as names and contents.
func sh(t *testing.T, dir, script string, files ...any) {
	t.Helper()
	for i := 0; i < len(files); i += 2 {
		if err := os.WriteFile(filepath.Join(dir, files[i].(string)), files[i+1].([]byte), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("sh", "-ec", script)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "PATH="+os.Getenv("PATH")+":/sbin:/usr/sbin")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

func open(t *testing.T) (*catalogue.Catalogue, string) {
	t.Helper()
	dir := t.TempDir()
	key, err := catalogue.SigningKey(filepath.Join(dir, "images.key"))
	if err != nil {
		t.Fatal(err)
	}
	c, err := catalogue.Open(filepath.Join(dir, "images"), key)
	if err != nil {
		t.Fatal(err)
	}
	return c, filepath.Join(dir, "images")
}

func options(name string) catalogue.Options {
	return catalogue.Options{
		Name: name, Title: "A test", Grow: 3, Identity: manifest.IdentityNoCloud,
		Tool: "regain test", Now: time.Date(2026, 11, 22, 2, 0, 0, 0, time.UTC),
	}
}

func add(t *testing.T, c *catalogue.Catalogue, source string, o catalogue.Options) catalogue.Added {
	t.Helper()
	added, err := c.Add(context.Background(), source, o)
	if err != nil {
		t.Fatal(err)
	}
	return added
}
