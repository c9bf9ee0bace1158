package frames

import (
	"fmt"
	"io"
	"sync"

	"regain.example/images/manifest"
)

// Reader reads the raw disk at any place of a packed file, a frame at a time. The
// last frame is kept. It may be used by several goroutines.
type Reader struct {
	r       io.ReaderAt
	table   []manifest.Frame
	size    int64
	decoder *Decoder

	mu   sync.Mutex
	held int // index of the frame in raw; -1 for none
	raw  []byte
}

// NewReader returns a reader over r, a file with the frames of table. Every frame
// is held against its SHA-256. Close frees its memory.
func NewReader(r io.ReaderAt, table []manifest.Frame) (*Reader, error) {
	d, err := NewDecoder(1)
	if err != nil {
		return nil, err
	}
	var size int64
	for _, f := range table {
		size += int64(f.Raw)
	}
	return &Reader{r: r, table: table, size: size, decoder: d, held: -1}, nil
}

// Size returns the size of the raw disk, in bytes.
func (r *Reader) Size() int64 { return r.size }

// Close frees what the reader holds; the file stays open.
func (r *Reader) Close() { r.decoder.Close() }

// ReadAt implements io.ReaderAt on the raw disk.
func (r *Reader) ReadAt(b []byte, offset int64) (int, error) {
	if offset < 0 {
		return 0, fmt.Errorf("read raw disk at %d: before its beginning", offset)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	n := 0
	for n < len(b) && offset < r.size {
		frame := int(offset / manifest.FrameBytes)
		if err := r.load(frame); err != nil {
			return n, err
		}
		c := copy(b[n:], r.raw[offset%manifest.FrameBytes:])
		n, offset = n+c, offset+int64(c)
	}
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

func (r *Reader) load(i int) error {
	if i == r.held {
		return nil
	}
	f := r.table[i]
	compressed := make([]byte, f.Length)
	if n, err := r.r.ReadAt(compressed, int64(f.Offset)); n < len(compressed) {
		return fmt.Errorf("frame %d: %w: %w", i, ErrTruncated, err)
	}
	r.held = -1
	raw, err := r.decoder.Decode(f, compressed, r.raw)
	if err != nil {
		return fmt.Errorf("frame %d: %w", i, err)
	}
	r.held, r.raw = i, raw
	return nil
}
