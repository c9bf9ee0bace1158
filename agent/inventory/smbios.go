package inventory

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
)

// maxTableBytes bounds the SMBIOS table: real ones have a few KiB.
const maxTableBytes = 1 << 20

// smbios is the machine's table of SMBIOS structures; empty if it has none.
func (m Machine) smbios() []byte {
	table, err := os.ReadFile(filepath.Join(m.Sys, "firmware/dmi/tables/DMI"))
	if err != nil {
		return nil
	}
	return table[:min(len(table), maxTableBytes)]
}

// systemUUID finds the UUID of the System Information structure (type 1) in a
// table of SMBIOS structures and writes it in the usual text form (DMTF DSP0134
// section 7.2.1: the first three fields are little-endian).
func systemUUID(table []byte) (string, bool) {
	const systemInformation = 1
	const uuidAt, uuidBytes = 8, 16
	for s := range structures(table) {
		if s.kind != systemInformation {
			continue
		}
		if len(s.formatted) < uuidAt+uuidBytes {
			return "", false // before SMBIOS 2.1
		}
		return uuidText(s.formatted[uuidAt : uuidAt+uuidBytes]), true
	}
	return "", false
}

func uuidText(b []byte) string {
	le := binary.LittleEndian
	return fmt.Sprintf("%08x-%04x-%04x-%x-%x", le.Uint32(b), le.Uint16(b[4:]), le.Uint16(b[6:]), b[8:10], b[10:16])
}
