package vbench

import (
	"fmt"
	"os"
	"path/filepath"
)

// Firmware is what a machine starts with.
type Firmware string

// The kinds of firmware. Direct leaves the firmware out: QEMU puts a kernel in
// place, which takes seconds instead of most of a minute.
const (
	BIOS       Firmware = "bios"
	UEFI       Firmware = "uefi"
	SecureBoot Firmware = "secureboot" // Microsoft's keys, enforced
	Direct     Firmware = "direct"
)

// ovmf is where Debian's package puts its builds.
const ovmf = "/usr/share/OVMF/"

// pflash prepares the variable store of a UEFI machine in dir, once, and returns
// QEMU's arguments. The store is the machine's own: what is written to it (the
// boot order) is there at the next power-on.
func (f Firmware) pflash(dir string) ([]string, error) {
	code, vars := "OVMF_CODE_4M.fd", "OVMF_VARS_4M.fd"
	if f == SecureBoot {
		code, vars = "OVMF_CODE_4M.ms.fd", "OVMF_VARS_4M.ms.fd"
	}
	store := filepath.Join(dir, "vars.fd")
	if _, err := os.Stat(store); os.IsNotExist(err) {
		b, err := os.ReadFile(ovmf + vars)
		if err != nil {
			return nil, fmt.Errorf("read the firmware's variable store (package ovmf): %w", err)
		}
		if err := os.WriteFile(store, b, 0o600); err != nil {
			return nil, err
		}
	}
	return []string{
		"-drive", "if=pflash,unit=0,format=raw,readonly=on,file=" + ovmf + code,
		"-drive", "if=pflash,unit=1,format=raw,file=" + store,
		// Without it OVMF's S3 boot script stands in the way of Secure Boot.
		"-global", "ICH9-LPC.disable_s3=1",
	}, nil
}

// withoutPXE leaves HTTP Boot as OVMF's only network boot: it would try PXE first
// (EDK2, OvmfPkg/Library/PxeBcPcdProducerLib).
func withoutPXE() []string {
	return []string{
		"-fw_cfg", "name=opt/org.tianocore/IPv4PXESupport,string=n",
		"-fw_cfg", "name=opt/org.tianocore/IPv6PXESupport,string=n",
	}
}
