package gpt

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
)

// The fields of the header, by offset in bytes (UEFI Specification 2.10, table
// 5.5).
const (
	offRevision    = 8
	offHeaderSize  = 12
	offHeaderCRC   = 16
	offMyLBA       = 24
	offAlternate   = 32
	offFirstUsable = 40
	offLastUsable  = 48
	offEntryLBA    = 72
	offEntries     = 80
	offEntrySize   = 84
	offEntriesCRC  = 88

	minHeader = 92
	signature = "EFI PART"
	revision  = 0x00010000
)

// maxTable bounds the entries that are read: the usual table has 16 KiB.
const maxTable = 1 << 20

// header is HeaderSize bytes of a GPT header, reserved ones included.
type header []byte

func (h header) u32(off int) uint32          { return binary.LittleEndian.Uint32(h[off:]) }
func (h header) u64(off int) uint64          { return binary.LittleEndian.Uint64(h[off:]) }
func (h header) set32(off int, v uint32)     { binary.LittleEndian.PutUint32(h[off:], v) }
func (h header) set64(off int, v uint64)     { binary.LittleEndian.PutUint64(h[off:], v) }
func (h header) alternate() uint64           { return h.u64(offAlternate) }
func (h header) firstUsable() uint64         { return h.u64(offFirstUsable) }
func (h header) lastUsable() uint64          { return h.u64(offLastUsable) }
func (h header) entryLBA() uint64            { return h.u64(offEntryLBA) }
func (h header) entryCount() uint64          { return uint64(h.u32(offEntries)) }
func (h header) entrySize() uint64           { return uint64(h.u32(offEntrySize)) }
func (h header) entryBytes() uint64          { return h.entryCount() * h.entrySize() }
func tableSectors(h header, s uint64) uint64 { return (h.entryBytes() + s - 1) / s }

// seal computes the header's CRC, its own field taken as zero.
func (h header) seal() {
	h.set32(offHeaderCRC, 0)
	h.set32(offHeaderCRC, crc32.ChecksumIEEE(h))
}

// sealed reports whether the CRC is right.
func (h header) sealed() bool {
	c := append(header(nil), h...)
	c.seal()
	return c.u32(offHeaderCRC) == h.u32(offHeaderCRC)
}

// asBackup returns the backup of h for a drive whose last sector is last: the
// entries lie just before it (section 5.3.2).
func (h header) asBackup(last, sector uint64) header {
	b := append(header(nil), h...)
	b.set64(offMyLBA, last)
	b.set64(offAlternate, h.u64(offMyLBA))
	b.set64(offEntryLBA, last-tableSectors(h, sector))
	b.seal()
	return b
}

// readHeader reads and checks the header at lba.
func readHeader(r io.ReaderAt, lba, sector, sectors uint64) (header, error) {
	h := make(header, sector)
	if _, err := r.ReadAt(h, int64(lba*sector)); err != nil {
		return nil, err
	}
	if string(h[:8]) != signature {
		return nil, ErrNone
	}
	n := uint64(h.u32(offHeaderSize))
	if n < minHeader || n > sector {
		return nil, fmt.Errorf("%w: header of %d bytes", ErrInvalid, n)
	}
	h = h[:n:n]
	size := h.entrySize()
	switch {
	case !h.sealed():
		return nil, fmt.Errorf("%w: checksum of the header", ErrInvalid)
	case h.u32(offRevision) != revision:
		return nil, fmt.Errorf("%w: revision %#x", ErrInvalid, h.u32(offRevision))
	case h.u64(offMyLBA) != lba:
		return nil, fmt.Errorf("%w: header at %d says that it lies at %d", ErrInvalid, lba, h.u64(offMyLBA))
	case size < 128 || size > 4096 || size&(size-1) != 0 || h.entryCount() == 0 || h.entryBytes() > maxTable:
		return nil, fmt.Errorf("%w: %d entries of %d bytes", ErrInvalid, h.entryCount(), size)
	case h.entryLBA() >= sectors || h.entryLBA()+tableSectors(h, sector) > sectors:
		return nil, fmt.Errorf("%w: its entries lie outside the drive", ErrInvalid)
	case h.firstUsable() > h.lastUsable() || h.lastUsable() >= sectors:
		return nil, fmt.Errorf("%w: usable space %d to %d", ErrInvalid, h.firstUsable(), h.lastUsable())
	}
	return h, nil
}

// readEntries reads the entries that h points to and checks their CRC.
func readEntries(r io.ReaderAt, h header, sector uint64) ([]byte, error) {
	entries := make([]byte, h.entryBytes())
	if _, err := r.ReadAt(entries, int64(h.entryLBA()*sector)); err != nil {
		return nil, err
	}
	if crc32.ChecksumIEEE(entries) != h.u32(offEntriesCRC) {
		return nil, fmt.Errorf("%w: checksum of the entries", ErrInvalid)
	}
	return entries, nil
}
