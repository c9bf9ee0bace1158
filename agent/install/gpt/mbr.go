package gpt

import (
	"encoding/binary"
	"fmt"
	"math"
)

// The protective MBR (UEFI Specification 2.10, tables 5.3 and 5.4).
const (
	mbrEntries    = 446 // four of 16 bytes
	mbrEntrySize  = 16
	mbrSignature  = 510
	typeGPT       = 0xee
	offEntryType  = 4
	offEndCHS     = 5
	offEntryStart = 8
	offEntryLen   = 12
)

// protective returns the change of the protective entry to the drive's size. The
// boot code stays. So does an MBR that lists other partitions too (a hybrid): its
// maker knows what they are for.
func (t *Table) protective() ([]Change, error) {
	if t.mbr[mbrSignature] != 0x55 || t.mbr[mbrSignature+1] != 0xaa {
		return nil, fmt.Errorf("%w: no protective MBR", ErrInvalid)
	}
	at, used := -1, 0
	for off := mbrEntries; off < mbrSignature; off += mbrEntrySize {
		switch t.mbr[off+offEntryType] {
		case 0:
		case typeGPT:
			at = off
			used++
		default:
			used++
		}
	}
	if at < 0 {
		return nil, fmt.Errorf("%w: no protective MBR", ErrInvalid)
	}
	if used > 1 {
		return nil, nil
	}
	e := append([]byte(nil), t.mbr[at:at+mbrEntrySize]...)
	copy(e[offEndCHS:], []byte{0xff, 0xff, 0xff}) // not representable
	binary.LittleEndian.PutUint32(e[offEntryStart:], 1)
	binary.LittleEndian.PutUint32(e[offEntryLen:], uint32(min(t.sectors-1, math.MaxUint32)))
	return []Change{{uint64(at), e, "protective MBR"}}, nil
}
