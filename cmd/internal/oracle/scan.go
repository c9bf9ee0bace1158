package oracle

import (
	"bytes"
	"fmt"
	"io"
	"os"
)

// scanChunk is how much is read at once, in bytes.
const scanChunk = 1 << 20

// Result is what a scan saw.
type Result struct {
	Bytes int64   `json:"bytes"` // read: all of the drive
	Found int64   `json:"found"` // records of old data
	First []int64 `json:"first"` // offsets of up to 16 of them, ascending
}

// Scan reads the whole drive file and counts the records of old data in it, at any
// byte offset. The magic alone makes a record: what follows it may be damaged. An
// empty file, or one that ends early, is an error.
func Scan(path string) (Result, error) {
	f, err := os.Open(path)
	if err != nil {
		return Result{}, fmt.Errorf("scan: %w", err)
	}
	defer f.Close()
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return Result{}, fmt.Errorf("scan: %w", err)
	}
	if size == 0 {
		return Result{}, fmt.Errorf("scan %s: the file is empty", path)
	}
	res, err := scan(f, size)
	if err != nil {
		return Result{}, fmt.Errorf("scan %s: %w", path, err)
	}
	return res, nil
}

// scan reads size bytes. It keeps the tail of each piece in front of the next
// one, so that a magic across the border is found too, and only once.
func scan(drive io.ReaderAt, size int64) (Result, error) {
	const overlap = len(magic) - 1
	var (
		res  Result
		buf  = make([]byte, overlap+scanChunk)
		kept = 0
	)
	for res.Bytes < size {
		window := buf[:int64(kept)+min(size-res.Bytes, scanChunk)]
		if n, err := drive.ReadAt(window[kept:], res.Bytes); kept+n < len(window) {
			return Result{}, fmt.Errorf("read %d of %d bytes: %w", res.Bytes+int64(n), size, unexpected(err))
		}
		res.find(window, res.Bytes-int64(kept))
		res.Bytes += int64(len(window) - kept)
		kept = copy(buf, window[max(0, len(window)-overlap):])
	}
	return res, nil
}

// find adds the records in window, which begins at offset base of the drive.
func (res *Result) find(window []byte, base int64) {
	for at := 0; ; at += len(magic) {
		next := bytes.Index(window[at:], []byte(magic))
		if next < 0 {
			return
		}
		at += next
		res.Found++
		if len(res.First) < listed {
			res.First = append(res.First, base+int64(at))
		}
	}
}
