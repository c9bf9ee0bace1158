//go:build vm

package jobs

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// tinyBytes is no multiple of 4 MiB.
const tinyBytes = 19<<20 + 4096

// tinyDisk makes a raw disk with stock tools: an ESP (1) with a loader that is
// one by its header only, a seed partition (2), and a root (3) full of data that
// does not compress well.
func tinyDisk(t *testing.T, sector int) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "loader"), loader(), 0o600); err != nil {
		t.Fatal(err)
	}
	root := make([]byte, 6<<20)
	rand.Read(root) // never fails, by its documentation
	if err := os.WriteFile(filepath.Join(dir, "root"), root, 0o600); err != nil {
		t.Fatal(err)
	}
	sh(t, dir, fmt.Sprintf(`S=%d; M=$((1024*1024/S))
		truncate -s %d disk.raw
		disk=disk.raw
		if [ $S = 4096 ]; then disk=$(losetup --find --show --sector-size 4096 disk.raw); trap 'losetup -d '$disk EXIT; fi
		sgdisk --clear -a 1 -n 1:$M:$((9*M-1)) -t 1:ef00 -c 1:ESP -A 1:set:2 \
			-n 2:$((9*M)):$((10*M-1)) -t 2:0700 -c 2:seed -n 3:$((10*M)):$((18*M-1)) -t 3:8304 -c 3:root $disk >sgdisk.log 2>&1
		truncate -s 8M esp; mkfs.vfat -S $S -n ESP esp >mkfs.log
		mmd -i esp ::EFI ::EFI/BOOT && mcopy -i esp loader ::EFI/BOOT/BOOTX64.EFI
		truncate -s 1M seed; mkfs.vfat -S $S -n CIDATA seed >>mkfs.log
		dd if=esp of=$disk bs=1M seek=1 conv=notrunc status=none
		dd if=seed of=$disk bs=1M seek=9 conv=notrunc status=none
		dd if=root of=$disk bs=1M seek=10 conv=notrunc status=none
		if [ $S = 512 ]; then printf '\353\143' | dd of=$disk conv=notrunc status=none; fi
	`, sector, tinyBytes))
	return filepath.Join(dir, "disk.raw")
}

// loader makes the headers of a signed PE image for x64 (PE Format, "File
// Headers" and "Optional Header").
func loader() []byte {
	b := make([]byte, 1024)
	le := binary.LittleEndian
	copy(b, "MZ")
	le.PutUint32(b[0x3c:], 0x80)
	copy(b[0x80:], "PE\x00\x00")
	le.PutUint16(b[0x84:], 0x8664)
	le.PutUint16(b[0x94:], 112+16*8) // SizeOfOptionalHeader
	optional := b[0x98:]
	le.PutUint16(optional, 0x20b)
	le.PutUint32(optional[108:], 16)         // NumberOfRvaAndSizes
	le.PutUint32(optional[112+4*8:], 1024)   // certificate table
	le.PutUint32(optional[112+4*8+4:], 1500) // its size
	return b
}

// sh runs a script in dir.
func sh(t *testing.T, dir, script string) {
	t.Helper()
	cmd := exec.Command("bash", "-euc", script)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "PATH="+os.Getenv("PATH")+":/sbin:/usr/sbin")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// addImage packs and signs a raw disk into a state directory as the command line
// does.
func addImage(t *testing.T, state, name, disk string, more ...string) {
	t.Helper()
	args := []string{"image", "add", "--quiet", "--state-dir", state, "--name", name, "--grow", "3",
		"--identity", "nocloud", "--confirm", "operator"}
	cmd := exec.Command(program(t), append(append(args, more...), disk)...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("regain image add: %v\n%s", err, out)
	}
}
