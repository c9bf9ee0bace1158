package boot

import "fmt"

// Arch is the client system architecture of DHCP option 93 (RFC 4578 section
// 2.1 and IANA's registry "Processor Architecture Types").
type Arch uint16

// The architectures that Regain serves or names in its messages.
const (
	ArchBIOS      Arch = 0x00 // x86 BIOS
	ArchEFI32     Arch = 0x06 // x86 UEFI
	ArchEFI64     Arch = 0x07 // x64 UEFI
	ArchEFIBC     Arch = 0x09 // EBC; what many x64 firmwares send instead of 7
	ArchARM32     Arch = 0x0a
	ArchARM64     Arch = 0x0b
	ArchEFI64HTTP Arch = 0x10 // x64 UEFI HTTP Boot
)

// UEFI reports whether a is an x64 UEFI that Regain serves.
func (a Arch) UEFI() bool { return a == ArchEFI64 || a == ArchEFIBC || a == ArchEFI64HTTP }

// String returns the usual name.
func (a Arch) String() string {
	switch a {
	case ArchBIOS:
		return "BIOS"
	case ArchEFI32:
		return "UEFI 32-bit"
	case ArchEFI64, ArchEFIBC:
		return "UEFI"
	case ArchARM32:
		return "ARM UEFI 32-bit"
	case ArchARM64:
		return "ARM UEFI"
	case ArchEFI64HTTP:
		return "UEFI HTTP Boot"
	}
	return fmt.Sprintf("architecture %d", uint16(a))
}
