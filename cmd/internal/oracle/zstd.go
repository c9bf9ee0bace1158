package oracle

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/klauspost/compress/zstd"
)

// CompareZstd is Compare with the master image imgZst, decompressed as a plain
// Zstandard stream. Its raw size is what its seek table says: a stream that was
// cut between two frames ends cleanly, and only the table at its end tells.
func CompareZstd(drive, imgZst string, except []Range) (Diff, error) {
	f, err := os.Open(imgZst)
	if err != nil {
		return Diff{}, fmt.Errorf("compare: %w", err)
	}
	defer f.Close()
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return Diff{}, fmt.Errorf("compare: %w", err)
	}
	raw, err := rawSize(f, size)
	if err != nil {
		return Diff{}, fmt.Errorf("compare: read the seek table of %s: %w", imgZst, err)
	}
	dec, err := zstd.NewReader(io.NewSectionReader(f, 0, size))
	if err != nil {
		return Diff{}, fmt.Errorf("compare: decompress %s: %w", imgZst, err)
	}
	defer dec.Close()
	return Compare(drive, dec, raw, except)
}

// The seek table, by "Zstandard Seekable Format" version 0.1.0
// (zstd/contrib/seekable_format): a skippable frame at the end of the file, of an
// 8-byte header, one entry for each frame (compressed size, decompressed size and,
// if bit 7 of the descriptor is set, a checksum; 4 bytes each, little-endian), and
// the footer: number of frames (4 bytes), descriptor (1), magic (4).
const (
	seekFooterBytes  = 9
	seekHeaderBytes  = 8
	seekFooterMagic  = 0x8F92EAB1
	seekHeaderMagic  = 0x184D2A5E
	seekHasChecksums = 1 << 7
)

// rawSize sums up the decompressed sizes in the seek table at the end of r, which
// is size bytes long.
func rawSize(r io.ReaderAt, size int64) (int64, error) {
	var footer [seekFooterBytes]byte
	if _, err := r.ReadAt(footer[:], size-seekFooterBytes); err != nil {
		return 0, fmt.Errorf("footer: %w", err)
	}
	if binary.LittleEndian.Uint32(footer[5:]) != seekFooterMagic {
		return 0, errors.New("there is none: the file is cut short, or no master image")
	}
	frames, entry := int64(binary.LittleEndian.Uint32(footer[:])), int64(8)
	if footer[4]&seekHasChecksums != 0 {
		entry = 12
	}
	length := seekHeaderBytes + frames*entry + seekFooterBytes
	if length > size {
		return 0, fmt.Errorf("%d frames do not fit into %d bytes", frames, size)
	}
	table := make([]byte, length)
	if _, err := r.ReadAt(table, size-length); err != nil {
		return 0, err
	}
	if binary.LittleEndian.Uint32(table) != seekHeaderMagic ||
		int64(binary.LittleEndian.Uint32(table[4:])) != length-seekHeaderBytes {
		return 0, errors.New("its header does not match its footer")
	}
	var raw int64
	for i := range frames {
		raw += int64(binary.LittleEndian.Uint32(table[seekHeaderBytes+i*entry+4:]))
	}
	return raw, nil
}
