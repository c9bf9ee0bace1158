package nvme

import (
	"time"

	"regain.example/agent/api"
)

// SecureErase is the Secure Erase Settings field of Format NVM (Base figure
// 183).
type SecureErase uint8

// The settings that erase. A drive whose data are encrypted may serve
// EraseUserData by changing the key (Base 2.3 figure 193): what it reads
// afterwards may then look like chance.
const (
	EraseUserData SecureErase = 1
	EraseCrypto   SecureErase = 2
)

// What a controller advertises of Format NVM.
const (
	oacsFormat = 1 << 1 // OACS: Format NVM is supported

	fnaFormatAll = 1 << 0 // FNA: a format applies to all namespaces
	fnaEraseAll  = 1 << 1 // FNA: a secure erase applies to all namespaces
	fnaCrypto    = 1 << 2 // FNA: cryptographic erase is supported
)

// CanFormat reports whether the drive advertises Format NVM with this setting.
func CanFormat(n api.NVMe, ses SecureErase) bool {
	if n.OACS&oacsFormat == 0 {
		return false
	}
	return ses != EraseCrypto || n.FNA&fnaCrypto != 0
}

// FormatsAll reports whether formatting one namespace may reach others: all of
// them must be approved then. Of the two bits FNA has for it, a secure erase
// goes by the second alone (Base 2.3 section 5.2.10, figure 192), but older
// drives are not trusted to know.
func FormatsAll(n api.NVMe) bool { return n.FNA&(fnaFormatAll|fnaEraseAll) != 0 }

// ErasesAll reports whether one Format NVM with a secure erase erases all
// namespaces. If not, each needs its own.
func ErasesAll(n api.NVMe) bool { return n.FNA&fnaEraseAll != 0 }

// Format builds the command that formats a namespace and keeps its LBA format,
// metadata and protection as they are (Base section 5.14, figure 183): LBAFL in
// bits 3:0, MSET 4, PI 7:5, PIL 8, SES 11:9, LBAFU 13:12.
func Format(n api.NVMe, ses SecureErase, size uint64) Command {
	cdw10 := uint32(n.LBAFormat&0xf) | uint32(n.LBAFormat>>4&3)<<12
	if n.MetadataExt {
		cdw10 |= 1 << 4
	}
	cdw10 |= uint32(n.Protection&7) << 5
	cdw10 |= uint32(n.Protection>>3&1) << 8
	cdw10 |= uint32(ses&7) << 9
	return Command{Opcode: OpcodeFormatNVM, NSID: n.NSID, CDW10: cdw10, Timeout: formatTimeout(size)}
}

// Limits of a format's duration.
const (
	formatLeast = 10 * time.Minute // what nvme-cli waits
	formatRate  = 50e6             // bytes per second
)

// formatTimeout allows for a drive that erases by writing itself over at a slow
// rate. The specification has no field that tells how long a format takes;
// most drives need seconds. Too short a timeout would make the kernel reset the
// controller in the middle, and the state unknown.
func formatTimeout(size uint64) time.Duration {
	return formatLeast + time.Duration(float64(size)/formatRate*float64(time.Second))
}
