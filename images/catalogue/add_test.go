package catalogue_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"regain.example/images/catalogue"
	"regain.example/images/manifest"
)

// Raw, raw.zst and qcow2 of one disk become the same image.
func TestAddKinds(t *testing.T) {
	disk := makeDisk(t)
	sh(t, filepath.Dir(disk), `
		zstd -q disk.raw -o disk.raw.zst
		qemu-img convert -f raw -O qcow2 disk.raw disk.qcow2
		qemu-img convert -f raw -O qcow2 -c -o compression_type=zstd disk.raw zstd.qcow2
		qemu-img convert -f raw -O qcow2 -c -o compression_type=zlib disk.raw zlib.qcow2
	`)
	c, dir := open(t)
	raw, err := os.ReadFile(disk)
	if err != nil {
		t.Fatal(err)
	}
	for i, kind := range []string{"disk.raw", "disk.raw.zst", "disk.qcow2", "zstd.qcow2", "zlib.qcow2"} {
		name := fmt.Sprintf("image-%d", i)
		source := filepath.Join(filepath.Dir(disk), kind)
		added := add(t, c, source, options(name))
		m := added.Manifest
		if len(added.Warnings) != 0 {
			t.Errorf("%s: warnings %q", kind, added.Warnings)
		}
		if want := []manifest.Firmware{"bios", "uefi", "secureboot"}; !slices.Equal(m.Firmware, want) {
			t.Errorf("%s: firmware %v, want %v", kind, m.Firmware, want)
		}
		if m.RawBytes != uint64(len(raw)) || m.LogicalSector != 512 || m.MinDriveBytes != m.RawBytes || m.Confirm != manifest.ConfirmFirstBoot {
			t.Errorf("%s: %+v", kind, m)
		}
		if out, err := exec.Command("sha256sum", source).Output(); err != nil || !strings.HasPrefix(string(out), m.Provenance.SourceSHA256) {
			t.Errorf("%s: source_sha256 %s, sha256sum says %s", kind, m.Provenance.SourceSHA256, out)
		}
		// Stock tools must get the raw disk back and accept the signature.
		got, err := exec.Command("zstd", "-dc", filepath.Join(dir, name+".img.zst")).Output()
		if err != nil || !bytes.Equal(got, raw) {
			t.Errorf("%s: zstd -d gives another disk (%v)", kind, err)
		}
		if out, err := exec.Command("minisign", "-V", "-P", c.PublicKey(), "-m", filepath.Join(dir, name+".json")).CombinedOutput(); err != nil {
			t.Errorf("%s: minisign: %v\n%s", kind, err, out)
		}
		if err := c.Verify(context.Background(), name, nil); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
	}
}

func TestAddRefuses(t *testing.T) {
	disk := makeDisk(t)
	dir := filepath.Dir(disk)
	sh(t, dir, `
		truncate -s 10M noise && truncate -s 0 empty
		qemu-img create -q -f qcow2 -b disk.raw -F raw backed.qcow2
		qemu-img create -q -f qcow2 -o data_file=data.raw,data_file_raw=on split.qcow2 20M
		head -c 600 /dev/zero > short
		cp disk.raw odd.raw && printf x >> odd.raw
		zstd -q disk.raw -o cut.zst && truncate -s -20 cut.zst
		cp disk.raw nocidata.raw && sgdisk -c 2:other nocidata.raw && dd if=/dev/zero of=nocidata.raw bs=1M seek=9 count=1 conv=notrunc
		cp disk.raw two.raw && dd if=cidata of=two.raw bs=1M seek=10 conv=notrunc
		cp disk.raw broken.raw && printf x | dd of=broken.raw bs=1 seek=560 conv=notrunc
		truncate -s 12M beyond.raw && dd if=disk.raw of=beyond.raw bs=1M count=12 conv=notrunc
	`)
	c, _ := open(t)
	type o = catalogue.Options
	for name, bad := range map[string]struct {
		file  string
		spoil func(*o)
		err   error
		says  string
	}{
		"no such file":     {"none", func(*o) {}, os.ErrNotExist, "none"},
		"empty":            {"empty", func(*o) {}, catalogue.ErrSource, "file"},
		"directory":        {".", func(*o) {}, catalogue.ErrSource, "file"},
		"device":           {"/dev/zero", func(*o) {}, catalogue.ErrSource, "file"},
		"no table":         {"noise", func(*o) {}, catalogue.ErrSource, "partition table"},
		"short":            {"short", func(*o) {}, catalogue.ErrSource, "partition table"},
		"GPT broken":       {"broken.raw", func(*o) {}, catalogue.ErrSource, "checksum"},
		"disk cut short":   {"beyond.raw", func(*o) {}, catalogue.ErrSource, "partition 3"},
		"odd size":         {"odd.raw", func(*o) {}, catalogue.ErrSource, "no multiple"},
		"zstd cut short":   {"cut.zst", func(*o) {}, nil, "unexpected EOF"},
		"backing file":     {"backed.qcow2", func(*o) {}, catalogue.ErrSource, "backing file"},
		"data file":        {"split.qcow2", func(*o) {}, catalogue.ErrSource, "another file"},
		"no CIDATA":        {"nocidata.raw", func(*o) {}, catalogue.ErrSource, "CIDATA"},
		"two CIDATA":       {"two.raw", func(*o) {}, catalogue.ErrSource, "more than one"},
		"CIDATA grows":     {"disk.raw", func(o *o) { o.Grow = 2 }, catalogue.ErrSource, "cannot grow"},
		"grow not there":   {"disk.raw", func(o *o) { o.Grow = 9 }, catalogue.ErrSource, "partition 9"},
		"grow not last":    {"disk.raw", func(o *o) { o.Grow = 1 }, catalogue.ErrSource, "lies behind"},
		"other sector":     {"disk.raw", func(o *o) { o.LogicalSector = 4096 }, catalogue.ErrSource, "4096"},
		"no name":          {"disk.raw", func(o *o) { o.Name = "" }, manifest.ErrInvalid, "name"},
		"path in name":     {"disk.raw", func(o *o) { o.Name = "../x" }, manifest.ErrInvalid, "name"},
		"unknown firmware": {"disk.raw", func(o *o) { o.Firmware = []manifest.Firmware{"x"} }, manifest.ErrInvalid, "firmware"},
		"no tool":          {"disk.raw", func(o *o) { o.Tool = "" }, manifest.ErrInvalid, "tool"},
		"title":            {"disk.raw", func(o *o) { o.Title = "\x1b[2J" }, manifest.ErrInvalid, "title"},
	} {
		opt := options("debian")
		bad.spoil(&opt)
		path := bad.file
		if !filepath.IsAbs(path) {
			path = filepath.Join(dir, path)
		}
		_, err := c.Add(context.Background(), path, opt)
		if err == nil || bad.err != nil && !errors.Is(err, bad.err) || !strings.Contains(err.Error(), bad.says) {
			t.Errorf("%s: error %v, want %v that says %q", name, err, bad.err, bad.says)
		}
		nothingListed(t, c)
	}
}

// nothingListed fails if the catalogue lists an image or has kept anything.
func nothingListed(t *testing.T, c *catalogue.Catalogue) {
	t.Helper()
	entries, err := c.List(context.Background())
	if err != nil || len(entries) != 0 {
		t.Errorf("listed: %+v, %v", entries, err)
	}
}

func TestAddTwice(t *testing.T) {
	disk := makeDisk(t)
	c, _ := open(t)
	first := add(t, c, disk, options("debian"))
	if _, err := c.Add(context.Background(), disk, options("debian")); !errors.Is(err, catalogue.ErrExists) {
		t.Errorf("error %v, want ErrExists", err)
	}
	if now, err := c.Get("debian"); err != nil || now.ManifestSHA256 != first.ManifestSHA256 {
		t.Errorf("the first image is not what it was: %v", err)
	}
}

func TestAddCancelled(t *testing.T) {
	c, dir := open(t)
	ctx, cancel := context.WithCancel(context.Background())
	o := options("debian")
	o.Progress = func(uint64, uint64) { cancel() }
	if _, err := c.Add(ctx, makeDisk(t), o); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
	nothingListed(t, c)
	if left, err := filepath.Glob(filepath.Join(dir, ".adding-*")); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// What the disk does not bear out is a warning, and the person's word counts.
func TestAddWarns(t *testing.T) {
	disk := makeDisk(t)
	sh(t, filepath.Dir(disk), `mcopy -o -i disk.raw@@1M unsigned ::EFI/BOOT/BOOTX64.EFI`, "unsigned", loader(false))
	c, _ := open(t)
	if m := add(t, c, disk, options("found")).Manifest; !slices.Equal(m.Firmware, []manifest.Firmware{"bios", "uefi"}) {
		t.Errorf("found firmware %v", m.Firmware)
	}
	o := options("claimed")
	o.Firmware = []manifest.Firmware{manifest.SecureBoot}
	added := add(t, c, disk, o)
	if len(added.Warnings) != 1 || !strings.Contains(added.Warnings[0], "secureboot") {
		t.Errorf("warnings %q", added.Warnings)
	}
	if !slices.Equal(added.Manifest.Firmware, o.Firmware) {
		t.Errorf("firmware %v", added.Manifest.Firmware)
	}
}
