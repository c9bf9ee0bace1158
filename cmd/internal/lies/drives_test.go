package lies

import (
	"testing"

	"regain.example/agent/api"
	"regain.example/agent/lab"
	"regain.example/imager"
)

const mib = 1 << 20

// small is the size of a drive on which much is tried.
const small = 256 << 10

// kind is one way to erase a drive: the method, the drive that it is planned for,
// and the profile.
type kind struct {
	name    string
	methods []api.Method // nil: as planned
	nvme    func(*lab.NVMe)
	ata     bool
	profile imager.Profile
	level   imager.Level
}

// kinds is every method, alone and, where it forgets a key, followed.
func kinds() []kind {
	alone := imager.Profile{CryptoAlone: true}
	only := func(m api.Method) []api.Method { return []api.Method{m} }
	return []kind{
		{name: "sanitize-block", methods: only(api.MethodSanitizeBlock), profile: alone, level: imager.LevelPurge},
		{name: "sanitize-crypto", methods: only(api.MethodSanitizeCrypto), profile: alone, level: imager.LevelPurge},
		{name: "sanitize-crypto, then overwrite", methods: only(api.MethodSanitizeCrypto), level: imager.LevelPurge},
		{name: "sanitize-overwrite", methods: only(api.MethodSanitizeOverwrite), profile: alone, level: imager.LevelPurge,
			nvme: func(n *lab.NVMe) { n.SANICAP = 1 << 2 }},
		{name: "format-crypto", methods: only(api.MethodFormatCrypto), profile: alone, level: imager.LevelClear},
		{name: "format-crypto, then overwrite", methods: only(api.MethodFormatCrypto), level: imager.LevelClear},
		{name: "format", methods: only(api.MethodFormat), profile: alone, level: imager.LevelClear},
		{name: "overwrite", methods: only(api.MethodOverwrite), level: imager.LevelClear},
		{name: "overwrite of an ATA disk", ata: true, level: imager.LevelClear},
	}
}

// firmware reports whether the drive itself erases.
func (k kind) firmware() bool { return len(k.methods) > 0 && k.methods[0] != api.MethodOverwrite }

// oracle is a drive of the laboratory as the tests see it.
type oracle interface {
	// Former counts the sectors on the medium that hold anything of before.
	Former() int
	Unplug()
}

// made is a machine with one drive.
type made struct {
	kind    kind
	machine *lab.Machine
	nvme    *lab.Controller // nil for an ATA disk
	disk    *lab.Disk       // nil for an NVMe drive
}

func (m made) oracle() oracle {
	if m.nvme != nil {
		return m.nvme
	}
	return m.disk
}

// lies are the drive's.
func (m made) lies() *lab.Lies {
	if m.nvme != nil {
		return &m.nvme.Lies
	}
	return &m.disk.Lies
}

// make builds the drive of a kind, of size bytes in sectors.
func (k kind) make(size int64, sector int) made {
	m := lab.New()
	if k.ata {
		return made{kind: k, machine: m, disk: m.AddATA(lab.ATA{Model: "Lab ATA", Serial: "A1", Firmware: "1.0", Bytes: size, Sector: sector, WWN: 0x5000c50000000001})}
	}
	spec := ordinary(lab.Namespace{Bytes: size, Sector: sector, EUI64: 0x0011223344556677})
	if k.nvme != nil {
		k.nvme(&spec)
	}
	return made{kind: k, machine: m, nvme: m.AddNVMe(spec)}
}

// ordinary is a drive that can do everything.
func ordinary(namespaces ...lab.Namespace) lab.NVMe {
	return lab.NVMe{
		Model: "Lab NVMe", Serial: "N1", Firmware: "1.0",
		OACS: 1 << 1, FNA: 1 << 2, SANICAP: 1<<0 | 1<<1,
		Namespaces: namespaces, SanitizeReadings: 2,
	}
}

// workshop approves a job for the drive, as this kind plans it.
func (k kind) workshop(tb testing.TB, m made) *workshop {
	return newWorkshop(tb, m.machine, k.profile, k.methods...)
}
