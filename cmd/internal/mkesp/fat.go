package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	regainboot "regain.example/boot"
	"regain.example/boot/esp"
	"regain.example/cmd/internal/debs"
)

// file is one of the image's.
type file struct{ from, to string }

// collect lists what goes into the file system. The placeholder comes first, so
// that its clusters lie together near the beginning.
func collect(work, boot, tmp string) ([]file, error) {
	// The GRUB that Debian's installation media start with: it looks for
	// boot/grub/grub.cfg in the file system that it was started from.
	grub, err := debs.File(work, "grub-efi-amd64-signed", "/usr/lib/grub/x86_64-efi-signed/gcdx64.efi.signed")
	if err != nil {
		return nil, err
	}
	shim, err := debs.File(work, "shim-signed", "/usr/lib/shim/shimx64.efi.signed")
	if err != nil {
		return nil, err
	}
	config := filepath.Join(tmp, "grub.cfg")
	if err := os.WriteFile(config, esp.Placeholder(), 0o600); err != nil {
		return nil, err
	}
	return []file{
		{config, "/boot/grub/grub.cfg"},
		{shim, "/EFI/BOOT/BOOTX64.EFI"},
		{grub, "/EFI/BOOT/grubx64.efi"},
		{filepath.Join(boot, regainboot.FileKernel), esp.Kernel},
		{filepath.Join(boot, regainboot.FileInitramfs), esp.Initramfs},
	}, nil
}

const (
	sectorBytes  = 512
	clusterBytes = 4 * sectorBytes
	volumeID     = "52454741" // a stick gets its own
)

// fat makes the file system in the file part. The same files give the same bytes:
// FAT keeps times, so all of them are the same moment.
func fat(part string, files []file) error {
	need := int64(256 << 10) // the two tables and the directories
	for _, f := range files {
		info, err := os.Stat(f.from)
		if err != nil {
			return err
		}
		need += (info.Size() + clusterBytes - 1) / clusterBytes * (clusterBytes + 4)
	}
	const mega = 1 << 20
	blocks := (need + mega - 1) / mega * mega / 1024
	err := tool("mkfs.fat", "--invariant", "-F", "16", "-s", strconv.Itoa(clusterBytes/sectorBytes), "-n", "REGAIN",
		"-i", volumeID, "-h", strconv.Itoa(esp.PartitionStart), "-C", part, strconv.FormatInt(blocks, 10))
	if err != nil {
		return err
	}
	if err := tool("mmd", "-i", part, "::/boot", "::/boot/grub", "::/EFI", "::/EFI/BOOT"); err != nil {
		return err
	}
	for _, f := range files {
		if err := tool("mcopy", "-i", part, f.from, "::"+f.to); err != nil {
			return err
		}
	}
	return nil
}

// moment is when everything in the image was made.
var moment = time.Date(2020, time.January, 1, 0, 0, 0, 0, time.UTC)

func tool(name string, args ...string) error {
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), "TZ=UTC", fmt.Sprintf("SOURCE_DATE_EPOCH=%d", moment.Unix()),
		"PATH="+os.Getenv("PATH")+":/sbin:/usr/sbin")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", name, err, out)
	}
	return nil
}
