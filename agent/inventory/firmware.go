package inventory

import (
	"os"
	"path/filepath"
	"regexp"

	"regain.example/agent/api"
)

// secureBoot is the global variable SecureBoot (UEFI 2.10 section 3.3): after
// efivarfs' four bytes of attributes, one byte that is 1 while it enforces.
const secureBoot = "firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"

// chosen finds the mode in brackets, as in "none [integrity] confidentiality".
var chosen = regexp.MustCompile(`\[(\w+)\]`)

func (m Machine) firmware() api.Firmware {
	f := api.Firmware{Kind: api.FirmwareBIOS}
	if _, err := os.Stat(filepath.Join(m.Sys, "firmware/efi")); err == nil {
		f.Kind = api.FirmwareUEFI
	}
	if value, err := os.ReadFile(filepath.Join(m.Sys, secureBoot)); err == nil {
		f.SecureBoot = len(value) == 5 && value[4] == 1
	}
	if mode := chosen.FindStringSubmatch(text(filepath.Join(m.Sys, "kernel/security/lockdown"))); mode != nil {
		f.Lockdown = mode[1]
	}
	return f
}

// tpm reads the class of the trusted platform module. Kernels that tell the
// version do so in tpm_version_major; before (5.6), a module of version 1.2 had
// a file "caps".
func (m Machine) tpm() api.TPM {
	devices, _ := filepath.Glob(filepath.Join(m.Sys, "class/tpm/tpm*"))
	if len(devices) == 0 {
		return api.TPM{}
	}
	t := api.TPM{Present: true}
	switch text(filepath.Join(devices[0], "tpm_version_major")) {
	case "1":
		t.Version = "1.2"
	case "2":
		t.Version = "2.0"
	}
	return t
}
