package frames

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/klauspost/compress/zstd"

	"regain.example/images/manifest"
)

// Decoder decompresses frames. It may be used by several goroutines at once.
type Decoder struct{ zstd *zstd.Decoder }

// NewDecoder returns a decoder that runs up to concurrency frames at once; others
// wait. Close frees its memory.
func NewDecoder(concurrency int) (*Decoder, error) {
	// A frame that claims to hold more than a frame may is refused before
	// memory is taken for it.
	d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(concurrency),
		zstd.WithDecoderMaxMemory(manifest.FrameBytes), zstd.WithDecoderMaxWindow(manifest.FrameBytes))
	if err != nil {
		return nil, fmt.Errorf("prepare decompression: %w", err)
	}
	return &Decoder{d}, nil
}

// Close frees what the decoder holds.
func (d *Decoder) Close() { d.zstd.Close() }

// Decode decompresses one frame into dst's memory (a capacity of f.Raw spares an
// allocation) and holds it against the manifest's entry: length, size and
// SHA-256. Errors wrap ErrTruncated or ErrCorrupt.
func (d *Decoder) Decode(f manifest.Frame, compressed, dst []byte) ([]byte, error) {
	if len(compressed) < int(f.Length) {
		return nil, fmt.Errorf("%w: %d bytes of a frame of %d", ErrTruncated, len(compressed), f.Length)
	}
	raw, err := d.expand(f, compressed[:f.Length], dst)
	if err != nil {
		return nil, err
	}
	if sum := sha256.Sum256(raw); hex.EncodeToString(sum[:]) != f.SHA256 {
		return nil, fmt.Errorf("%w: its SHA-256 is %x, the manifest says %s", ErrCorrupt, sum, f.SHA256)
	}
	return raw, nil
}

// expand decompresses without looking at the hash.
func (d *Decoder) expand(f manifest.Frame, compressed, dst []byte) ([]byte, error) {
	raw, err := d.zstd.DecodeAll(compressed, dst[:0])
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	if len(raw) != int(f.Raw) {
		return nil, fmt.Errorf("%w: %d raw bytes, want %d", ErrCorrupt, len(raw), f.Raw)
	}
	return raw, nil
}

// allZero reports whether b is nothing but zeros: its first byte is, and every
// other equals the one before it.
func allZero(b []byte) bool {
	return len(b) == 0 || b[0] == 0 && bytes.Equal(b[1:], b[:len(b)-1])
}
