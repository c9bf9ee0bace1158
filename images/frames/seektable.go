package frames

import (
	"encoding/binary"
	"fmt"
	"io"

	"regain.example/images/manifest"
)

// The numbers of the Seekable Format 0.1.0, all little-endian.
const (
	skippableMagic = 0x184D2A5E
	seekableMagic  = 0x8F92EAB1
	headerBytes    = 8 // Skippable_Magic_Number, Frame_Size
	footerBytes    = 9 // Number_Of_Frames, Seek_Table_Descriptor, Seekable_Magic_Number

	checksumFlag = 1 << 7      // entries carry a checksum, 12 bytes instead of 8
	reservedBits = 0b0111_1100 // must be 0
)

// seekTable returns the seek table's frame. It carries no checksums: each frame
// has its own (RFC 8878 section 3.1.1), and the manifest a SHA-256.
func seekTable(table []manifest.Frame) []byte {
	le := binary.LittleEndian
	b := make([]byte, 0, manifest.SeekTableBytes(len(table)))
	b = le.AppendUint32(b, skippableMagic)
	b = le.AppendUint32(b, uint32(8*len(table)+footerBytes))
	for _, f := range table {
		b = le.AppendUint32(b, f.Length)
		b = le.AppendUint32(b, f.Raw)
	}
	b = le.AppendUint32(b, uint32(len(table)))
	b = append(b, 0)
	return le.AppendUint32(b, seekableMagic)
}

// Table reads the seek table at the end of a file of size bytes: the frames
// without their hashes. It accepts tables of other writers too: entries with
// checksums (which it passes over) and frames of any size. Errors wrap
// ErrNoSeekTable.
func Table(r io.ReaderAt, size int64) ([]manifest.Frame, error) {
	footer, err := readAt(r, size-footerBytes, footerBytes)
	if err != nil {
		return nil, err
	}
	le := binary.LittleEndian
	n, descriptor := le.Uint32(footer), footer[4]
	if le.Uint32(footer[5:]) != seekableMagic {
		return nil, fmt.Errorf("%w: it ends without the magic number", ErrNoSeekTable)
	}
	if descriptor&reservedBits != 0 {
		return nil, fmt.Errorf("%w: reserved bits are set in descriptor %#02x", ErrNoSeekTable, descriptor)
	}
	if n == 0 || n > manifest.MaxFrames {
		return nil, fmt.Errorf("%w: %d frames, want 1 to %d", ErrNoSeekTable, n, manifest.MaxFrames)
	}
	entry := int64(8)
	if descriptor&checksumFlag != 0 {
		entry = 12
	}
	body := headerBytes + int64(n)*entry
	start := size - footerBytes - body
	b, err := readAt(r, start, body)
	if err != nil {
		return nil, err
	}
	if le.Uint32(b) != skippableMagic || int64(le.Uint32(b[4:])) != body-headerBytes+footerBytes {
		return nil, fmt.Errorf("%w: its frame's header does not fit its footer", ErrNoSeekTable)
	}
	return entries(b[headerBytes:], entry, start)
}

// entries reads the entries of a table whose frames must fill the file up to
// end.
func entries(b []byte, entry, end int64) ([]manifest.Frame, error) {
	le := binary.LittleEndian
	table := make([]manifest.Frame, 0, int64(len(b))/entry)
	var offset int64
	for ; len(b) > 0; b = b[entry:] {
		f := manifest.Frame{Offset: uint64(offset), Length: le.Uint32(b), Raw: le.Uint32(b[4:])}
		table = append(table, f)
		offset += int64(f.Length)
	}
	if offset != end {
		return nil, fmt.Errorf("%w: its frames end at byte %d, the table begins at %d", ErrNoSeekTable, offset, end)
	}
	return table, nil
}

func readAt(r io.ReaderAt, offset, length int64) ([]byte, error) {
	if offset < 0 {
		return nil, fmt.Errorf("%w: the file is too short for it", ErrNoSeekTable)
	}
	b := make([]byte, length)
	if n, err := r.ReadAt(b, offset); n < len(b) {
		return nil, fmt.Errorf("%w: read %d bytes at %d: %w", ErrNoSeekTable, length, offset, err)
	}
	return b, nil
}
