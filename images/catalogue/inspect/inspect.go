// Package inspect looks at a raw disk: its partition table, and what firmware can
// boot it. It changes nothing, and trusts nothing that it reads.
package inspect

import (
	"errors"
	"fmt"
	"io"
)

// ErrNoTable is wrapped where a disk has no partition table that holds together.
var ErrNoTable = errors.New("no valid partition table")

// Scheme is the kind of a partition table.
type Scheme string

// The kinds of partition table.
const (
	GPT Scheme = "gpt"
	MBR Scheme = "mbr"
)

// Disk is what stands on a raw disk.
type Disk struct {
	Scheme Scheme
	// LogicalSector is the sector size that the table was made for, in
	// bytes. An MBR does not tell; 512 is assumed.
	LogicalSector uint32
	Partitions    []Partition
	// BootCode is set where the first sector holds code for a BIOS.
	BootCode bool
	// Warnings are for people: what is odd but no reason to refuse.
	Warnings []string
}

// Partition is one partition. Offset and Length are in bytes.
type Partition struct {
	Number int // from 1, as the kernel counts
	Offset uint64
	Length uint64
	Type   string // GPT: type GUID in upper case; MBR: two hex digits
	Name   string // GPT only
	Label  string // of a FAT file system
	Active bool   // MBR's boot flag, or GPT's "legacy BIOS bootable" attribute
}

// The partition types that matter here (UEFI 2.10 section 5.3.3 table 5.7, section
// 5.2.2; GRUB manual, "BIOS installation").
const (
	typeESP      = "C12A7328-F81F-11D2-BA4B-00A0C93EC93B"
	typeBIOSBoot = "21686148-6449-6E6F-744E-656564454649"
	typeMBRESP   = "ef"
	typeMBRGPT   = "ee" // protective
)

// Read inspects a raw disk of size bytes. Errors wrap ErrNoTable, or are of r.
func Read(r io.ReaderAt, size int64) (Disk, error) {
	first := make([]byte, 512)
	if _, err := r.ReadAt(first, 0); err != nil {
		return Disk{}, fmt.Errorf("%w: read the first sector: %w", ErrNoTable, err)
	}
	if first[510] != 0x55 || first[511] != 0xAA {
		return Disk{}, fmt.Errorf("%w: the first sector has no signature", ErrNoTable)
	}
	disk, err := readMBR(first, uint64(size))
	if err != nil {
		return Disk{}, err
	}
	if len(disk.Partitions) > 0 && hasProtective(disk) {
		boot := disk.BootCode
		if disk, err = readGPT(r, size); err != nil {
			return Disk{}, err
		}
		disk.BootCode = boot
	}
	for i := range disk.Partitions {
		p := &disk.Partitions[i]
		// A partition that holds no FAT has no label here.
		if fs, err := openFAT(section(r, *p)); err == nil {
			p.Label = fs.label
		}
	}
	return disk, nil
}

// IsESP reports whether p is an EFI system partition.
func (p Partition) IsESP() bool { return p.Type == typeESP || p.Type == typeMBRESP }

// Last returns the partition that ends last on the disk, the only one that can
// grow.
func (d Disk) Last() (Partition, bool) {
	var last Partition
	for _, p := range d.Partitions {
		if p.Offset+p.Length > last.Offset+last.Length {
			last = p
		}
	}
	return last, last.Number != 0
}

// ByNumber finds a partition.
func (d Disk) ByNumber(n int) (Partition, bool) {
	for _, p := range d.Partitions {
		if p.Number == n {
			return p, true
		}
	}
	return Partition{}, false
}

func hasProtective(d Disk) bool {
	for _, p := range d.Partitions {
		if p.Type == typeMBRGPT {
			return true
		}
	}
	return false
}

func section(r io.ReaderAt, p Partition) *io.SectionReader {
	return io.NewSectionReader(r, int64(p.Offset), int64(p.Length))
}
