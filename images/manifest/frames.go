package manifest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// maxLength is the most that one compressed frame may take. Data that does not
// compress is stored in blocks of 128 KiB with headers of 3 bytes (RFC 8878
// section 3.1.1.2), so a whole frame grows by less than 200 bytes.
const maxLength = FrameBytes + 4096

// SeekTableBytes is the size of a seek table without checksums for n frames:
// skippable frame header 8, entries of 8, footer 9 (Zstandard Seekable Format
// 0.1.0).
func SeekTableBytes(n int) uint64 { return 8 + 8*uint64(n) + 9 }

func (m Manifest) checkFrames() error {
	n := len(m.Frames)
	if n == 0 || n > MaxFrames {
		return fmt.Errorf("%d frames, want 1 to %d", n, MaxFrames)
	}
	if want := (m.RawBytes + FrameBytes - 1) / FrameBytes; uint64(n) != want {
		return fmt.Errorf("%d frames for %d raw bytes, want %d", n, m.RawBytes, want)
	}
	var end, left uint64 = 0, m.RawBytes
	for i, f := range m.Frames {
		raw := min(left, FrameBytes)
		if err := f.check(end, raw); err != nil {
			return fmt.Errorf("frame %d: %w", i, err)
		}
		end += uint64(f.Length)
		left -= raw
	}
	if want := end + SeekTableBytes(n); m.CompressedBytes != want {
		return fmt.Errorf("compressed_bytes %d, want %d: the frames and their seek table", m.CompressedBytes, want)
	}
	return m.checkZeros()
}

func (f Frame) check(offset, raw uint64) error {
	if f.Offset != offset {
		return fmt.Errorf("offset %d, want %d", f.Offset, offset)
	}
	if f.Length == 0 || f.Length > maxLength {
		return fmt.Errorf("length %d, want 1 to %d", f.Length, maxLength)
	}
	if uint64(f.Raw) != raw {
		return fmt.Errorf("raw %d, want %d", f.Raw, raw)
	}
	if _, err := parseHash(f.SHA256); err != nil {
		return fmt.Errorf("sha256: %w", err)
	}
	return nil
}

// checkZeros holds the mark of zero frames against their hashes: whoever skips a
// frame because of the mark must not leave out data.
func (m Manifest) checkZeros() error {
	full, last := "", ""
	for i, f := range m.Frames {
		if !f.Zero {
			continue
		}
		hash := &full
		if f.Raw != FrameBytes {
			hash = &last
		}
		if *hash == "" {
			sum := sha256.Sum256(make([]byte, f.Raw))
			*hash = hex.EncodeToString(sum[:])
		}
		if f.SHA256 != *hash {
			return fmt.Errorf("frame %d: marked zero, but its hash is not that of %d zero bytes", i, f.Raw)
		}
	}
	return nil
}
