package oracle

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
)

// controlWindow is how much of a drive SelfTest copies at most, in bytes.
const controlWindow = 64 << 20

// Control is what SelfTest did and saw.
type Control struct {
	Bytes     int64  `json:"bytes"`      // copied from the start of the drive
	PlantedAt int64  `json:"planted_at"` // offset of the planted sector, odd
	Scan      Result `json:"scan"`       // of the copy, after planting
}

// SelfTest is the negative control of Scan: it copies the first 64 MiB of the
// wiped drive file path (all of it if smaller) into dir, plants one sector of old
// data at an odd offset, and returns nil only if Scan finds nothing before and
// then this sector's records and nothing else. The copy is removed.
func SelfTest(dir, path string) (Control, error) {
	return selfTest(dir, path, Scan)
}

func selfTest(dir, path string, scan func(string) (Result, error)) (c Control, err error) {
	copied, err := copyHead(dir, path)
	if err != nil {
		return Control{}, fmt.Errorf("test the scan: %w", err)
	}
	defer func() {
		err = errors.Join(err, copied.Close(), os.Remove(copied.Name()))
		if err != nil {
			err = fmt.Errorf("test the scan: %w", err)
		}
	}()

	before, err := scan(copied.Name())
	if err != nil {
		return Control{}, err
	}
	if before.Found != 0 {
		return Control{}, fmt.Errorf("%s still holds old data, first at %d: the test needs a wiped drive", path, before.First[0])
	}
	c = Control{Bytes: before.Bytes, PlantedAt: plantOffset(before.Bytes)}
	if c.PlantedAt < 0 {
		return Control{}, fmt.Errorf("%s is too small: %d bytes have no room for a shifted sector", path, c.Bytes)
	}
	if err := plant(copied, c.PlantedAt); err != nil {
		return Control{}, err
	}
	if c.Scan, err = scan(copied.Name()); err != nil {
		return Control{}, err
	}
	return c, c.judge()
}

// judge says whether the scan found every record of the planted sector, and
// nothing else.
func (c Control) judge() error {
	var want []int64
	for off := c.PlantedAt; off < c.PlantedAt+sectorBytes; off += RecordBytes {
		want = append(want, off)
	}
	if c.Scan.Found != int64(len(want)) || !slices.Equal(c.Scan.First, want) {
		return fmt.Errorf("one old sector was planted at %d, the scan found %d records at %d",
			c.PlantedAt, c.Scan.Found, c.Scan.First)
	}
	return nil
}

// plantOffset is an odd offset in a copy of size bytes, -1 if there is none. In a
// copy of more than one piece the sector's first magic lies across the border of
// two, where a careless scan misses it.
func plantOffset(size int64) int64 {
	if at := int64(scanChunk - 7); at+sectorBytes <= size {
		return at
	}
	at := (size-sectorBytes)/2 | 1
	if at < 0 || at+sectorBytes > size {
		return -1
	}
	return at
}

// plant writes one sector of old data at off.
func plant(f *os.File, off int64) error {
	sector := make([]byte, sectorBytes)
	newWriter("negative control").fill(sector, 0)
	_, err := f.WriteAt(sector, off)
	return err
}

func copyHead(dir, path string) (_ *os.File, err error) {
	from, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer from.Close()
	to, err := os.CreateTemp(dir, "control-*.raw")
	if err != nil {
		return nil, err
	}
	if _, err := io.Copy(to, io.LimitReader(from, controlWindow)); err != nil {
		return nil, errors.Join(err, to.Close(), os.Remove(to.Name()))
	}
	return to, nil
}
