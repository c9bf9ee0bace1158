package esp

import (
	"encoding/binary"
	"fmt"
	"io"
)

// The layout of the image. Sectors have 512 bytes; numbers on disk are
// little-endian.
const (
	// PartitionStart is the first sector of the only partition. What lies
	// before it, after the master boot record, is GRUB for BIOS.
	PartitionStart = 512
	// PartitionType is FAT16 addressed by sector number, which both BIOS and
	// UEFI accept on a removable drive (UEFI 2.10 sections 5.2.2 and 13.3.1.1).
	PartitionType = 0x0e

	diskIDAt    = 440 // UEFI 2.10 section 5.2.1, UniqueMBRSignature
	partitionAt = 446 // the first of four entries of 16 bytes
	signatureAt = 510 // 55 AA
	volumeIDAt  = 39  // in the partition's first sector: BS_VolID of FAT12 and FAT16
)

// BootRecord returns the master boot record: code is GRUB's boot.img, of which
// the first 440 bytes count, and the partition has so many sectors.
func BootRecord(code []byte, sectors uint32) []byte {
	b := make([]byte, sector)
	copy(b[:diskIDAt], code)
	e := b[partitionAt:]
	e[0] = 0x80 // active: some BIOSes start nothing else
	// Cylinder, head and sector beyond what they can name, as for every
	// address that should be taken from the sector numbers.
	copy(e[1:], []byte{0xfe, 0xff, 0xff})
	e[4] = PartitionType
	copy(e[5:], []byte{0xfe, 0xff, 0xff})
	binary.LittleEndian.PutUint32(e[8:], PartitionStart)
	binary.LittleEndian.PutUint32(e[12:], sectors)
	b[signatureAt], b[signatureAt+1] = 0x55, 0xaa
	return b
}

// checkLayout refuses a file whose boot record is not BootRecord's.
func checkLayout(image io.ReaderAt, size int64) error {
	b := make([]byte, sector)
	if _, err := image.ReadAt(b, 0); err != nil {
		return fmt.Errorf("read the boot record: %w", err)
	}
	e := b[partitionAt:]
	sectors := int64(binary.LittleEndian.Uint32(e[12:]))
	if b[signatureAt] != 0x55 || b[signatureAt+1] != 0xaa || e[4] != PartitionType ||
		binary.LittleEndian.Uint32(e[8:]) != PartitionStart || (PartitionStart+sectors)*sector != size {
		return fmt.Errorf("%w: its boot record is another one", ErrTemplate)
	}
	return nil
}
