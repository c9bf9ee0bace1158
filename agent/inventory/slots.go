package inventory

import (
	"encoding/binary"
	"fmt"
)

// slotTypes are the slot types that take drives and little else (DMTF DSP0134
// section 7.10, System Slots (Type 9), table "Slot Type field"). M.2 sockets
// with the keys A, B and E are left out: they take radios and modems, too, and
// so are the plain PCI Express slots.
var slotTypes = map[byte]string{
	0x17: "M.2 Socket 3 (key M)",
	0x1f: "U.2, PCI Express 2",
	0x20: "U.2, PCI Express 3",
	0x24: "U.2, PCI Express 4",
	0x25: "U.2, PCI Express 5",
	0xc5: "EDSFF E1",
	0xc6: "EDSFF E3",
}

// maxSlots bounds what is kept of a table that a machine made up.
const maxSlots = 128

// slot is a slot for drives, as SMBIOS tells of it.
type slot struct {
	designation string
	kind        string
	inUse       bool
	address     string // "0000:01:00.0"; empty if none is told
}

// driveSlots lists the slots of a table of SMBIOS structures that take drives
// (DSP0134 section 7.10: designation at 04h, type at 05h, current usage at 07h,
// since version 2.6 segment at 0Dh, bus at 0Fh, device and function at 10h).
func driveSlots(table []byte) []slot {
	const systemSlots = 9
	const designationAt, typeAt, usageAt, usageInUse = 4, 5, 7, 4
	var slots []slot
	for s := range structures(table) {
		if s.kind != systemSlots || len(s.formatted) <= usageAt || len(slots) == maxSlots {
			continue
		}
		kind, ok := slotTypes[s.formatted[typeAt]]
		if !ok {
			continue
		}
		slots = append(slots, slot{
			designation: s.text(designationAt),
			kind:        kind,
			inUse:       s.formatted[usageAt] == usageInUse,
			address:     slotAddress(s.formatted),
		})
	}
	return slots
}

// slotAddress is the PCI function of a slot. A slot without one has all bits
// set in all three fields; some firmware sets those of the bus only.
func slotAddress(formatted []byte) string {
	const segmentAt, busAt, functionAt, none = 0x0d, 0x0f, 0x10, 0xff
	if len(formatted) <= functionAt || formatted[busAt] == none {
		return ""
	}
	segment := binary.LittleEndian.Uint16(formatted[segmentAt:])
	function := formatted[functionAt]
	if segment == 0 && formatted[busAt] == 0 && function == 0 {
		return "" // the host bridge: a field that nobody filled in
	}
	return fmt.Sprintf("%04x:%02x:%02x.%d", segment, formatted[busAt], function>>3, function&7)
}
