package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"regain.example/boot/esp"
	"regain.example/cmd/internal/debs"
)

// modules are what GRUB needs on BIOS to read the configuration and to start
// Linux.
var modules = []string{
	"biosdisk", "part_msdos", "fat", "normal", "configfile", "linux", "echo", "test", "sleep", "serial", "terminal", "reboot",
}

// bios returns GRUB for BIOS: the code of the boot record, and the image that it
// loads, which lies in the sectors after it. The places are those of GRUB 2.06:
// grub-core/boot/i386/pc/boot.S and diskboot.S. Their defaults are ours: the boot
// record loads sector 1, and that one what follows it.
func bios(work, tmp string) (first, core []byte, err error) {
	boot, err := debs.File(work, "grub-pc-bin", "/usr/lib/grub/i386-pc/boot.img")
	if err != nil {
		return nil, nil, err
	}
	mkimage, err := debs.File(work, "grub-common", "/usr/bin/grub-mkimage")
	if err != nil {
		return nil, nil, err
	}
	out := filepath.Join(tmp, "core.img")
	args := append([]string{"-O", "i386-pc", "-d", filepath.Dir(boot), "-p", "(,msdos1)/boot/grub", "-o", out}, modules...)
	if err := tool(mkimage, args...); err != nil {
		return nil, nil, err
	}
	if first, err = os.ReadFile(boot); err != nil {
		return nil, nil, err
	}
	// The drive is the one that the BIOS says; some say it wrongly, so that the
	// check for a floppy's number is left out (boot_drive_check: two NOPs).
	first[102], first[103] = 0x90, 0x90
	core, err = os.ReadFile(out)
	return first, core, err
}

// assemble writes the image: boot record, GRUB for BIOS, file system.
func assemble(to string, first, core []byte, part string) error {
	if room := (esp.PartitionStart - 1) * sectorBytes; len(core) > room {
		return fmt.Errorf("GRUB for BIOS has %d bytes, and there is room for %d", len(core), room)
	}
	p, err := os.Open(part)
	if err != nil {
		return err
	}
	defer p.Close()
	info, err := p.Stat()
	if err != nil {
		return err
	}
	f, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	defer f.Close()
	head := append(esp.BootRecord(first, uint32(info.Size()/sectorBytes)), core...)
	if _, err := f.Write(head); err != nil {
		return err
	}
	if _, err := f.Seek(esp.PartitionStart*sectorBytes, io.SeekStart); err != nil {
		return err
	}
	if _, err := io.Copy(f, p); err != nil {
		return err
	}
	return f.Sync()
}
