package inspect

import (
	"bytes"
	"debug/pe"
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
	// The reader looks at symbols beyond the head; without the count of them it
	// does not.
	file, err := pe.NewFile(bytes.NewReader(withoutSymbols(head)))
	if err != nil || file.Machine != pe.IMAGE_FILE_MACHINE_AMD64 {
		return false, false
	}
	header, ok := file.OptionalHeader.(*pe.OptionalHeader64)
	if !ok {
		return false, false
	}
	security := header.DataDirectory[pe.IMAGE_DIRECTORY_ENTRY_SECURITY]
	return true, security.VirtualAddress != 0 && security.Size != 0
}

// withoutSymbols clears PointerToSymbolTable and NumberOfSymbols of the COFF file
// header, which follows the signature at e_lfanew.
func withoutSymbols(head []byte) []byte {
	if len(head) < 0x40 {
		return head
	}
	at := int(head[0x3c]) | int(head[0x3d])<<8
	if at+4+20 > len(head) {
		return head
	}
	head = bytes.Clone(head)
	clear(head[at+4+8 : at+4+16])
	return head
}
