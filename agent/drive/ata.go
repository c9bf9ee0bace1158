package drive

import (
	"encoding/binary"
	"fmt"
	"path/filepath"
	"strings"

	"regain.example/agent/api"
)

const ataIdentifyBytes = 512

// identifyATA asks the drive itself, and where it does not answer takes the
// copy that libata keeps in vital product data page 89h (SAT-4 section 12.4.2:
// the IDENTIFY data begin at byte 60). It changes nothing and returns false
// unless the answer makes sense and has the size of this disk.
func (h *Host) identifyATA(d *api.Drive, block string) bool {
	data, err := h.ask.ATAIdentify(d.Node)
	if err != nil {
		const identifyAt = 60
		page := attrBytes(filepath.Join(block, "device"), "vpd_pg89")
		if len(page) < identifyAt+ataIdentifyBytes {
			return false
		}
		data = page[identifyAt : identifyAt+ataIdentifyBytes]
	}
	id, err := parseATAIdentify(data)
	if err != nil || id.sectors*uint64(id.logicalSector) != d.SizeBytes {
		return false
	}
	d.Model, d.Serial, d.Firmware = id.model, id.serial, id.firmware
	if id.wwn != 0 {
		d.WWN = fmt.Sprintf("naa.%016x", id.wwn)
	}
	return true
}

// ataIdentity holds what is needed of IDENTIFY DEVICE data.
type ataIdentity struct {
	serial, firmware, model string
	wwn                     uint64 // 0 if not told
	sectors                 uint64
	logicalSector           uint32 // bytes
}

// parseATAIdentify reads IDENTIFY DEVICE data (ACS-4 section 7.13.6, table 55).
func parseATAIdentify(b []byte) (ataIdentity, error) {
	if len(b) != ataIdentifyBytes {
		return ataIdentity{}, fmt.Errorf("parse IDENTIFY data: %d bytes, not %d", len(b), ataIdentifyBytes)
	}
	word := func(n int) uint16 { return binary.LittleEndian.Uint16(b[2*n:]) }
	if word(0)&(1<<15) != 0 {
		return ataIdentity{}, fmt.Errorf("parse IDENTIFY data: not an ATA disk (word 0 is %#04x)", word(0))
	}
	// Word 255: if the low byte is A5h, all bytes add up to zero.
	if b[510] == 0xa5 {
		var sum byte
		for _, c := range b {
			sum += c
		}
		if sum != 0 {
			return ataIdentity{}, fmt.Errorf("parse IDENTIFY data: wrong checksum")
		}
	}
	id := ataIdentity{
		serial:        ataString(b[20:40]),
		firmware:      ataString(b[46:54]),
		model:         ataString(b[54:94]),
		sectors:       uint64(word(60)) | uint64(word(61))<<16,
		logicalSector: 512,
	}
	if word(83)&(1<<10) != 0 { // 48-bit addresses
		id.sectors = binary.LittleEndian.Uint64(b[200:])
	}
	// Word 106 is valid if bit 15 is 0 and bit 14 is 1; bit 12: words 117 and
	// 118 hold the logical sector's size in words of two bytes.
	if word(106)&0xc000 == 0x4000 && word(106)&(1<<12) != 0 {
		id.logicalSector = 2 * (uint32(word(117)) | uint32(word(118))<<16)
	}
	// Word 87 bit 8: words 108 to 111 hold the world-wide name.
	if word(87)&0xc000 == 0x4000 && word(87)&(1<<8) != 0 {
		for n := 108; n <= 111; n++ {
			id.wwn = id.wwn<<16 | uint64(word(n))
		}
	}
	return id, nil
}

// ataString reads an ATA string: in each word the first character is in the
// high byte (ACS-4 section 3.4.9).
func ataString(b []byte) string {
	s := make([]byte, len(b))
	for i := 0; i+1 < len(b); i += 2 {
		s[i], s[i+1] = b[i+1], b[i]
	}
	return strings.TrimSpace(strings.Map(printable, string(s)))
}
