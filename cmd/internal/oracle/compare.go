package oracle

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
)

// compareChunk is how much is compared at once, in bytes.
const compareChunk = 1 << 20

// Diff is what a comparison saw.
type Diff struct {
	RawBytes  int64   `json:"raw_bytes"` // size of the image
	Compared  int64   `json:"compared"`  // bytes outside the excepted ranges
	Differing int64   `json:"differing"` // bytes among them that are not equal
	First     []Range `json:"first"`     // up to 16 places, ascending
}

// Equal says whether nothing differs.
func (d Diff) Equal() bool { return d.Differing == 0 }

// Compare reads the first rawSize bytes of the drive file and the raw image, and
// counts the bytes that differ outside the excepted ranges. These may overlap and
// reach past the image.
//
// A difference is part of Diff, not an error. An error is a drive smaller than
// the image, an image that is not rawSize bytes long, or exceptions that leave
// nothing to compare.
func Compare(drive string, image io.Reader, rawSize int64, except []Range) (Diff, error) {
	for _, r := range except {
		if r.Offset < 0 || r.Length < 0 || r.Offset > math.MaxInt64-r.Length {
			return Diff{}, fmt.Errorf("compare %s: bad range: %d bytes from %d", drive, r.Length, r.Offset)
		}
	}
	f, err := os.Open(drive)
	if err != nil {
		return Diff{}, fmt.Errorf("compare: %w", err)
	}
	defer f.Close()
	c := comparison{Diff: Diff{RawBytes: rawSize}, except: merge(except)}
	if err := c.run(f, image); err != nil {
		return Diff{}, fmt.Errorf("compare %s: %w", drive, err)
	}
	return c.Diff, nil
}

type comparison struct {
	Diff
	except []Range // ascending, apart from each other; dropped once passed
}

func (c *comparison) run(drive io.ReaderAt, image io.Reader) error {
	want, got := make([]byte, compareChunk), make([]byte, compareChunk)
	for off := int64(0); off < c.RawBytes; {
		n := min(c.RawBytes-off, compareChunk)
		if m, err := io.ReadFull(image, want[:n]); err != nil {
			return fmt.Errorf("read the image, %d bytes expected, at %d: %w", c.RawBytes, off+int64(m), unexpected(err))
		}
		if m, err := drive.ReadAt(got[:n], off); int64(m) < n {
			return fmt.Errorf("read the drive, %d bytes expected, at %d: %w", c.RawBytes, off+int64(m), unexpected(err))
		}
		c.chunk(got[:n], want[:n], off)
		off += n
	}
	if n, err := io.ReadFull(image, want[:1]); !errors.Is(err, io.EOF) {
		return errors.Join(err, fmt.Errorf("the image is longer than %d bytes (%d more read)", c.RawBytes, n))
	}
	if c.Compared == 0 {
		return errors.New("nothing is left to compare outside the excepted ranges")
	}
	return nil
}

// chunk compares what lies outside the excepted ranges in one piece at off.
func (c *comparison) chunk(got, want []byte, off int64) {
	at, end := off, off+int64(len(got))
	for at < end {
		stop, skip := end, end
		if len(c.except) > 0 {
			next := c.except[0]
			stop, skip = max(at, min(end, next.Offset)), max(at, min(end, next.End()))
			if next.End() <= end {
				c.except = c.except[1:]
			}
		}
		c.span(got[at-off:stop-off], want[at-off:stop-off], at)
		at = skip
	}
}

func (c *comparison) span(got, want []byte, off int64) {
	c.Compared += int64(len(got))
	if bytes.Equal(got, want) {
		return
	}
	for i := range got {
		if got[i] != want[i] {
			c.differs(off + int64(i))
		}
	}
}

// differs notes one byte. Differences closer than a sector are one place.
func (c *comparison) differs(off int64) {
	c.Differing++
	if n := len(c.First); n > 0 && off-c.First[n-1].End() < sectorBytes {
		c.First[n-1].Length = off + 1 - c.First[n-1].Offset
	} else if n < listed {
		c.First = append(c.First, Range{Offset: off, Length: 1})
	}
}

// unexpected turns an end of file into the error that it is here.
func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
