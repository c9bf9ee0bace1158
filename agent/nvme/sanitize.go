package nvme

import (
	"time"

	"regain.example/agent/api"
)

// SanitizeAction is the Sanitize Action field of Sanitize, CDW10 bits 2:0 (Base
// section 5.24).
type SanitizeAction uint8

// The actions. ExitFailureMode leaves the state after a failed operation that
// was started with AUSE; the others start an operation.
const (
	ExitFailureMode   SanitizeAction = 1
	SanitizeBlock     SanitizeAction = 2
	SanitizeOverwrite SanitizeAction = 3
	SanitizeCrypto    SanitizeAction = 4
)

// ActionOf returns the action of a method that is a sanitize; false for others.
func ActionOf(m api.Method) (SanitizeAction, bool) {
	switch m {
	case api.MethodSanitizeBlock:
		return SanitizeBlock, true
	case api.MethodSanitizeCrypto:
		return SanitizeCrypto, true
	case api.MethodSanitizeOverwrite:
		return SanitizeOverwrite, true
	}
	return 0, false
}

// Fields of Sanitize's CDW10 (Base section 5.24).
const (
	sanitizeAUSE    = 1 << 3 // Allow Unrestricted Sanitize Exit
	sanitizeOnePass = 1 << 4 // OWPASS, bits 7:4; 0 would mean 16 passes

	// Purge Required (PREQ) asks for a purge by IEEE Std 2883, or a failure.
	// It is younger than Base 2.3, which reserves bits 31:11 (section 5.2.22).
	// libnvme 3.2 names it after EMVS, bit 10 (nvme_init_sanitize_nvm(9)), and
	// an open program places it and its answer at bit 11; the specification
	// itself was not at hand. A drive that means something else refuses.
	sanitizePurge = 1 << 11
)

// CanRequirePurge reports whether the controller tells that it knows Purge
// Required (SANICAP bit 5; for the source see sanitizePurge).
func CanRequirePurge(n api.NVMe) bool { return n.SANICAP&(1<<5) != 0 }

// CanSanitize reports whether the controller advertises the action in SANICAP
// (Base figure 275): bit 0 crypto erase, bit 1 block erase, bit 2 overwrite. A
// controller with any of them takes ExitFailureMode.
func CanSanitize(n api.NVMe, a SanitizeAction) bool {
	const crypto, block, overwrite = 1 << 0, 1 << 1, 1 << 2
	switch a {
	case SanitizeCrypto:
		return n.SANICAP&crypto != 0
	case SanitizeBlock:
		return n.SANICAP&block != 0
	case SanitizeOverwrite:
		return n.SANICAP&overwrite != 0
	case ExitFailureMode:
		return n.SANICAP&(crypto|block|overwrite) != 0
	}
	return false
}

// sanitizeTimeout is for the command, which only starts the operation. The
// kernel's 60 s would make it reset a controller that is slow to begin.
const sanitizeTimeout = 10 * time.Minute

// Sanitize builds the command for a whole NVM subsystem: NSID is 0, as for
// every command that does not use it. AUSE is always set, so that a failure can
// be left again. The data are deallocated afterwards (NDAS is 0). Overwrite is
// one pass of zeros. purge sets Purge Required.
func Sanitize(a SanitizeAction, purge bool) Command {
	cdw10 := uint32(a&7) | sanitizeAUSE
	if purge {
		cdw10 |= sanitizePurge
	}
	if a == SanitizeOverwrite {
		cdw10 |= sanitizeOnePass
	}
	return Command{Opcode: OpcodeSanitize, CDW10: cdw10, Timeout: sanitizeTimeout}
}
