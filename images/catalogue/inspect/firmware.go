package inspect

import (
	"encoding/binary"
	"io"

	"regain.example/images/manifest"
)

// loaderHead is as much of a loader as its headers need.
const loaderHead = 4096

// Firmware returns the kinds of firmware that the disk seems to be made for. For
// BIOS that is boot code and something for it to start; for UEFI, a loader at the
// one path that firmware tries by itself; for Secure Boot, a signature in that
// loader. By whom it is signed is not looked at.
func Firmware(r io.ReaderAt, d Disk) []manifest.Firmware {
	var kinds []manifest.Firmware
	if d.BootCode && d.startsBIOS() {
		kinds = append(kinds, manifest.BIOS)
	}
	for _, p := range d.Partitions {
		if !p.IsESP() {
			continue
		}
		loader, signed := findLoader(r, p)
		if loader {
			kinds = append(kinds, manifest.UEFI)
		}
		if signed {
			kinds = append(kinds, manifest.SecureBoot)
		}
		if loader {
			break
		}
	}
	return kinds
}

func (d Disk) startsBIOS() bool {
	for _, p := range d.Partitions {
		if p.Active || p.Type == typeBIOSBoot {
			return true
		}
	}
	return false
}

// findLoader looks for \EFI\BOOT\BOOTX64.EFI (UEFI 2.10 section 3.5.1.1), a PE
// image for x64, and whether it carries a certificate table (PE Format, "The
// Attribute Certificate Table").
func findLoader(r io.ReaderAt, p Partition) (found, signed bool) {
	fs, err := openFAT(section(r, p))
	if err != nil {
		return false, false
	}
	head, err := fs.head(loaderHead, "EFI", "BOOT", "BOOTX64.EFI")
	if err != nil {
		return false, false
	}
	return loaderHeaders(head)
}

// loaderHeaders reads the headers of a PE32+ image for x64 (PE Format, "MS-DOS
// Stub", "COFF File Header", "Optional Header"). Package debug/pe also reads what
// lies behind them, and refuses the section names of Debian's shim.
func loaderHeaders(head []byte) (found, signed bool) {
	const (
		machineAMD64 = 0x8664
		magicPE32    = 0x20b // "plus", as every x64 image
		directories  = 112   // offset in the optional header
		certificates = 4     // index of the directory
	)
	le := binary.LittleEndian
	if len(head) < 0x40 || string(head[:2]) != "MZ" {
		return false, false
	}
	at := int64(le.Uint32(head[0x3c:]))
	if at+24+directories > int64(len(head)) || string(head[at:at+4]) != "PE\x00\x00" {
		return false, false
	}
	coff, optional := head[at+4:], head[at+24:]
	if le.Uint16(coff) != machineAMD64 || le.Uint16(optional) != magicPE32 {
		return false, false
	}
	entry := directories + 8*certificates
	if le.Uint32(optional[directories-4:]) <= certificates || len(optional) < entry+8 {
		return true, false
	}
	return true, le.Uint32(optional[entry:]) != 0 && le.Uint32(optional[entry+4:]) != 0
}
