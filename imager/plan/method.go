package plan

import (
	"regain.example/agent/api"
	"regain.example/imager"
)

// Methods returns how a drive is erased, the strongest first, by what the drive
// advertises and by nothing else. Whole says that all active namespaces of the
// drive's controller are to be erased.
//
//	drive                                    methods
//	NVMe, SANICAP bit 1, whole               sanitize-block
//	NVMe, SANICAP bit 0, whole               sanitize-crypto
//	NVMe, SANICAP bit 2 alone, whole         sanitize-overwrite
//	NVMe, Format NVM (OACS bit 1), FNA bit 2 format-crypto
//	NVMe, Format NVM                         format
//	every drive, and at the end              overwrite
//
// Sanitize works on all namespaces at once, and so does a Format where FNA bit 0
// or 1 says so: neither is planned unless all of them are to be erased. Format
// and overwrite do not reach capacity that no active namespace holds; Storage
// then blocks the machine, unless a sanitize operation is planned.
// Source: NVM Express Base Specification 2.0, figure 275 (OACS, FNA, SANICAP).
func Methods(d api.Drive, whole bool) []api.Method {
	n := d.NVMe
	if d.Bus != api.BusNVMe || n == nil || n.Namespaces < 1 {
		return []api.Method{api.MethodOverwrite}
	}
	var m []api.Method
	if whole {
		m = sanitizers(n.SANICAP)
	}
	all := n.FNA&(fnaFormatAll|fnaEraseAll) != 0 && n.Namespaces > 1
	if n.OACS&oacsFormat != 0 && (whole || !all) {
		if n.FNA&fnaCrypto != 0 {
			m = append(m, api.MethodFormatCrypto)
		}
		m = append(m, api.MethodFormat)
	}
	return append(m, api.MethodOverwrite)
}

// Bits of OACS, FNA and SANICAP (NVM Express Base Specification 2.0, figure 275).
const (
	oacsFormat        = 1 << 1
	fnaFormatAll      = 1 << 0
	fnaEraseAll       = 1 << 1
	fnaCrypto         = 1 << 2
	sanicapCrypto     = 1 << 0
	sanicapBlock      = 1 << 1
	sanicapOverwrite  = 1 << 2
	sanicapSanitizing = sanicapCrypto | sanicapBlock | sanicapOverwrite
)

func sanitizers(sanicap uint32) (m []api.Method) {
	if sanicap&sanicapBlock != 0 {
		m = append(m, api.MethodSanitizeBlock)
	}
	if sanicap&sanicapCrypto != 0 {
		m = append(m, api.MethodSanitizeCrypto)
	}
	if sanicap&sanicapSanitizing == sanicapOverwrite {
		m = append(m, api.MethodSanitizeOverwrite)
	}
	return m
}

// Sanitizes reports whether a method is an NVMe Sanitize operation.
func Sanitizes(m api.Method) bool {
	return m == api.MethodSanitizeBlock || m == api.MethodSanitizeCrypto || m == api.MethodSanitizeOverwrite
}

// Crypto reports whether a method erases by forgetting a key.
func Crypto(m api.Method) bool {
	return m == api.MethodSanitizeCrypto || m == api.MethodFormatCrypto
}

// JobDrives plans the work on each drive. seed draws the 32 bytes of one drive.
func JobDrives(work []api.Drive, p imager.Profile, seed func() []byte) []*imager.JobDrive {
	verify := p.Verify
	if verify == "" {
		verify = api.VerifyNISTR2
	}
	var jobs []*imager.JobDrive
	for _, d := range work {
		jobs = append(jobs, &imager.JobDrive{
			ID: d.ID(), Drive: d, Methods: Methods(d, whole(d, work)), Follow: follow(p), Verify: verify,
			Seed: seed(), Limits: Wire(Limits(p.Limits, d)),
		})
	}
	return jobs
}

// follow is what comes after a cryptographic erasure: nobody can see a key's end,
// so the cells are written as well, unless the profile waives that.
func follow(p imager.Profile) api.Method {
	if p.CryptoAlone {
		return ""
	}
	return api.MethodOverwrite
}

// whole reports whether all active namespaces of the drive's controller are among
// the drives to be erased.
func whole(d api.Drive, work []api.Drive) bool {
	if d.NVMe == nil {
		return true
	}
	n := 0
	for _, o := range work {
		if o.NVMe != nil && o.NVMe.Controller == d.NVMe.Controller {
			n++
		}
	}
	return n == d.NVMe.Namespaces
}
