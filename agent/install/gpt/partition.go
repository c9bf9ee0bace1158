package gpt

import (
	"encoding/binary"
	"fmt"
	"unicode/utf16"
)

// GUID is a GUID in the order of the bytes on the drive: its first three fields
// are little-endian (UEFI Specification 2.10, appendix A).
type GUID [16]byte

// typeESP is the partition type of an EFI system partition (table 5.7).
const typeESP = "c12a7328-f81f-11d2-ba4b-00a0c93ec93b"

// String returns the usual text form.
func (g GUID) String() string {
	return fmt.Sprintf("%08x-%04x-%04x-%x-%x", binary.LittleEndian.Uint32(g[0:]),
		binary.LittleEndian.Uint16(g[4:]), binary.LittleEndian.Uint16(g[6:]), g[8:10], g[10:])
}

// Partition is one used entry of a table (table 5.6).
type Partition struct {
	Number      int // from 1
	Type, GUID  GUID
	First, Last uint64 // LBA, both inclusive
	Name        string
}

// IsESP reports whether p is an EFI system partition.
func (p Partition) IsESP() bool { return p.Type.String() == typeESP }

// The fields of an entry, by offset in bytes.
const (
	offFirst = 32
	offLast  = 40
	offName  = 56
	endName  = 128
)

// Partitions lists the used entries in order of their numbers.
func (t *Table) Partitions() []Partition {
	var parts []Partition
	for n := 1; n <= int(t.primary.entryCount()); n++ {
		e := t.entry(n)
		p := Partition{
			Number: n,
			Type:   GUID(e[0:16]),
			GUID:   GUID(e[16:32]),
			First:  binary.LittleEndian.Uint64(e[offFirst:]),
			Last:   binary.LittleEndian.Uint64(e[offLast:]),
			Name:   name(e[offName:endName]),
		}
		if p.Type != (GUID{}) {
			parts = append(parts, p)
		}
	}
	return parts
}

// entry returns the bytes of entry n, from 1.
func (t *Table) entry(n int) []byte {
	size := int(t.primary.entrySize())
	return t.entries[(n-1)*size : n*size]
}

// name decodes a name in UTF-16LE that ends at the first zero.
func name(b []byte) string {
	var u []uint16
	for ; len(b) >= 2; b = b[2:] {
		c := binary.LittleEndian.Uint16(b)
		if c == 0 {
			break
		}
		u = append(u, c)
	}
	return string(utf16.Decode(u))
}
