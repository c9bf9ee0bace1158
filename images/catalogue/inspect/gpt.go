package inspect

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"strings"
	"unicode/utf16"
)

// The GUID Partition Table (UEFI 2.10 section 5.3).
const (
	gptSignature   = "EFI PART"
	gptHeaderBytes = 92
	maxEntries     = 1024
	legacyBootable = 1 << 2 // attribute, section 5.3.3 table 5.8
)

// readGPT finds the primary header at the second sector of either size, and
// checks it and its entries.
func readGPT(r io.ReaderAt, size int64) (Disk, error) {
	var wrong error
	for _, sector := range []int64{512, 4096} {
		head, err := readHeader(r, sector, sector)
		if err != nil {
			if wrong == nil || !strings.Contains(err.Error(), "signature") {
				wrong = err
			}
			continue
		}
		return readEntries(r, size, sector, head)
	}
	return Disk{}, wrong
}

// readHeader checks the header at offset for its signature, checksum and place.
func readHeader(r io.ReaderAt, offset, sector int64) ([]byte, error) {
	b := make([]byte, sector)
	if _, err := r.ReadAt(b, offset); err != nil {
		return nil, fmt.Errorf("%w: read the GPT header: %w", ErrNoTable, err)
	}
	le := binary.LittleEndian
	length := le.Uint32(b[12:])
	if string(b[:8]) != gptSignature {
		return nil, fmt.Errorf("%w: the GPT header has no signature", ErrNoTable)
	}
	if length < gptHeaderBytes || int64(length) > sector {
		return nil, fmt.Errorf("%w: the GPT header claims %d bytes", ErrNoTable, length)
	}
	head := append([]byte{}, b[:length]...)
	sum := le.Uint32(head[16:])
	clear(head[16:20])
	if crc32.ChecksumIEEE(head) != sum {
		return nil, fmt.Errorf("%w: the GPT header's checksum is wrong", ErrNoTable)
	}
	if le.Uint64(head[24:]) != uint64(offset/sector) {
		return nil, fmt.Errorf("%w: the GPT header says that it stands elsewhere", ErrNoTable)
	}
	return head, nil
}

func readEntries(r io.ReaderAt, size, sector int64, head []byte) (Disk, error) {
	le := binary.LittleEndian
	first, last := le.Uint64(head[40:]), le.Uint64(head[48:])
	start, count, each := le.Uint64(head[72:]), le.Uint32(head[80:]), le.Uint32(head[84:])
	if count == 0 || count > maxEntries || each < 128 || each > 4096 || start > uint64(size/sector) {
		return Disk{}, fmt.Errorf("%w: the GPT has %d entries of %d bytes at sector %d", ErrNoTable, count, each, start)
	}
	table := make([]byte, int(count)*int(each))
	if _, err := r.ReadAt(table, int64(start)*sector); err != nil {
		return Disk{}, fmt.Errorf("%w: read the GPT's entries: %w", ErrNoTable, err)
	}
	if crc32.ChecksumIEEE(table) != le.Uint32(head[88:]) {
		return Disk{}, fmt.Errorf("%w: the checksum of the GPT's entries is wrong", ErrNoTable)
	}
	disk := Disk{Scheme: GPT, LogicalSector: uint32(sector)}
	for i := range int(count) {
		e := table[i*int(each):][:each]
		if isZero(e[:16]) {
			continue
		}
		from, to := le.Uint64(e[32:]), le.Uint64(e[40:])
		if from < first || to > last || from > to || to >= uint64(size/sector) {
			return Disk{}, fmt.Errorf("%w: partition %d lies on sectors %d to %d, usable are %d to %d of %d",
				ErrNoTable, i+1, from, to, first, last, size/sector)
		}
		disk.Partitions = append(disk.Partitions, Partition{
			Number: i + 1, Offset: from * uint64(sector), Length: (to - from + 1) * uint64(sector),
			Type: guid(e[:16]), Name: utf16Name(e[56:128]), Active: le.Uint64(e[48:])&legacyBootable != 0,
		})
	}
	if len(disk.Partitions) == 0 {
		return Disk{}, fmt.Errorf("%w: the GPT has no partition", ErrNoTable)
	}
	if _, err := readHeader(r, size/sector*sector-sector, sector); err != nil {
		disk.Warnings = append(disk.Warnings, "the backup GPT header at the end of the disk is missing or wrong; the agent writes a new one")
	}
	return disk, nil
}

// guid prints a GUID whose first three parts are little-endian (UEFI 2.10 appendix
// A).
func guid(b []byte) string {
	le, be := binary.LittleEndian, binary.BigEndian
	return fmt.Sprintf("%08X-%04X-%04X-%04X-%012X",
		le.Uint32(b), le.Uint16(b[4:]), le.Uint16(b[6:]), be.Uint16(b[8:]), b[10:16])
}

func utf16Name(b []byte) string {
	units := make([]uint16, 0, len(b)/2)
	for ; len(b) >= 2; b = b[2:] {
		u := binary.LittleEndian.Uint16(b)
		if u == 0 {
			break
		}
		units = append(units, u)
	}
	return string(utf16.Decode(units))
}

func isZero(b []byte) bool {
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}
