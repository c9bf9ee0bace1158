package plan

import (
	"regain.example/agent/api"
	"regain.example/imager"
)

// Methods returns how a drive is erased, the strongest first, by what the drive
// advertises and by nothing else:
//
//	drive                                     methods
//	NVMe with Format NVM (OACS bit 1) and
//	  cryptographic erase (FNA bit 2)         format-crypto, format, overwrite
//	NVMe with Format NVM                      format, overwrite
//	NVMe whose Format could reach beyond, or
//	  not reach all of, this drive            overwrite
//	any other                                 overwrite
//
// A Format reaches beyond the drive where its scope is all namespaces (FNA bits
// 0 and 1) and there are several; it does not reach all where capacity is not
// allocated to any namespace (NVM Express Base Specification 2.0, figure 275,
// FNA and UNVMCAP).
func Methods(d api.Drive) []api.Method {
	n := d.NVMe
	if d.Bus != api.BusNVMe || n == nil || !canFormat(*n) {
		return []api.Method{api.MethodOverwrite}
	}
	if n.FNA&fnaCrypto != 0 {
		return []api.Method{api.MethodFormatCrypto, api.MethodFormat, api.MethodOverwrite}
	}
	return []api.Method{api.MethodFormat, api.MethodOverwrite}
}

// Bits of OACS and FNA (NVM Express Base Specification 2.0, figure 275).
const (
	oacsFormat = 1 << 1
	fnaCrypto  = 1 << 2
)

func canFormat(n api.NVMe) bool {
	return n.OACS&oacsFormat != 0 && n.Namespaces == 1 && n.UnallocByte == 0
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
			ID: d.ID(), Drive: d, Methods: Methods(d), Verify: verify, Seed: seed(),
		})
	}
	return jobs
}
