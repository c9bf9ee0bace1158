package inventory

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// systemUUID finds the UUID of the System Information structure (type 1) in a
// table of SMBIOS structures and writes it in the usual text form (DMTF DSP0134
// section 7.2.1: the first three fields are little-endian).
//
// The table is read here and not by a library because it comes from the
// machine: the ones at hand panic on structures that are shorter than their
// type asks for.
func systemUUID(table []byte) (string, bool) {
	const headerBytes, systemInformation, endOfTable = 4, 1, 127
	const uuidAt, uuidBytes = 8, 16
	for len(table) >= headerBytes {
		kind, length := table[0], int(table[1])
		if length < headerBytes || length > len(table) || kind == endOfTable {
			return "", false
		}
		formatted := table[:length]
		if kind == systemInformation {
			if length < uuidAt+uuidBytes {
				return "", false // before SMBIOS 2.1
			}
			return uuidText(formatted[uuidAt : uuidAt+uuidBytes]), true
		}
		// The strings end with two zero bytes, also when there are none.
		end := bytes.Index(table[length:], []byte{0, 0})
		if end < 0 {
			return "", false
		}
		table = table[length+end+2:]
	}
	return "", false
}

func uuidText(b []byte) string {
	le := binary.LittleEndian
	return fmt.Sprintf("%08x-%04x-%04x-%x-%x", le.Uint32(b), le.Uint16(b[4:]), le.Uint16(b[6:]), b[8:10], b[10:16])
}
