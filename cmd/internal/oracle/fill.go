package oracle

import (
	"errors"
	"fmt"
	"os"
)

// fillChunk is how much is made and written at once, in bytes.
const fillChunk = 1 << 20

// Fill makes the raw drive file path, size bytes long (a multiple of 512), full
// of old data that is different in every sector and, by tag, on every drive. The
// file has no holes. After each piece progress, which may be nil, is told how many
// bytes are done.
//
// An existing file is refused, so that a wrong path costs nothing. On error the
// file is removed.
func Fill(path string, size int64, tag string, progress func(done int64)) (err error) {
	if size <= 0 || size%sectorBytes != 0 {
		return fmt.Errorf("fill %s: %d bytes is no multiple of %d above 0", path, size, sectorBytes)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("fill: %w", err)
	}
	defer func() {
		if err = errors.Join(err, f.Close()); err != nil {
			err = errors.Join(fmt.Errorf("fill: %w", err), os.Remove(path))
		}
	}()

	w := newWriter(tag)
	chunk := make([]byte, min(size, fillChunk))
	for off := int64(0); off < size; {
		piece := chunk[:min(size-off, int64(len(chunk)))]
		w.fill(piece, off)
		if _, err := f.WriteAt(piece, off); err != nil {
			return err
		}
		off += int64(len(piece))
		if progress != nil {
			progress(off)
		}
	}
	return nil
}
