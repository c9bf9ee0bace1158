package oracle

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestScanFullDrive(t *testing.T) {
	const size = scanChunk + 3*sectorBytes
	res, err := Scan(write(t, filled(t, size, "a")))
	if err != nil {
		t.Fatal(err)
	}
	if res.Bytes != size || res.Found != size/RecordBytes || len(res.First) != listed {
		t.Errorf("%+v, want %d bytes, %d records", res, size, size/RecordBytes)
	}
	for i, off := range res.First {
		if off != int64(i*RecordBytes) {
			t.Errorf("record %d at %d", i, off)
		}
	}
}

func TestScanWiped(t *testing.T) {
	for name, b := range map[string][]byte{
		"random":   random(scanChunk + 512),
		"zeros":    make([]byte, scanChunk),
		"one byte": {0},
	} {
		res, err := Scan(write(t, b))
		if err != nil || res.Found != 0 || res.Bytes != int64(len(b)) {
			t.Errorf("%s: %+v, %v", name, res, err)
		}
	}
}

func TestScanRemains(t *testing.T) {
	const size = 2*scanChunk + 1000
	sector := filled(t, 8*sectorBytes, "a")[7*sectorBytes:]
	damaged := with(sector[:RecordBytes], 20, []byte{^sector[20]})
	for name, c := range map[string]struct {
		off   int
		piece []byte
		want  []int64
	}{
		"first sector":           {0, sector, every(0, 16)},
		"last bytes":             {size - 512, sector, every(size-512, 16)},
		"shifted by one":         {4097, sector, every(4097, 16)},
		"half a sector":          {8192, sector[:256], every(8192, 8)},
		"64 bytes out of step":   {777, sector[17 : 17+64], every(777+15, 2)},
		"47 bytes, the least":    {777, sector[1:48], []int64{777 + 31}},
		"damaged after magic":    {5, damaged, []int64{5}},
		"magic alone, at end":    {size - 16, sector[:16], []int64{size - 16}},
		"magic before a border":  {scanChunk - 16, sector[:16], []int64{scanChunk - 16}},
		"magic after a border":   {scanChunk, sector[:16], []int64{scanChunk}},
		"magic across borders 1": {scanChunk - 1, sector[:16], []int64{scanChunk - 1}},
		"magic across borders 2": {2*scanChunk - 15, sector[:16], []int64{2*scanChunk - 15}},
		"15 bytes are no magic":  {99, sector[:15], nil},
		"magic with a flipped bit": {99, with(sector[:32], 8, []byte{sector[8] ^ 1}),
			nil},
	} {
		t.Run(name, func(t *testing.T) {
			res, err := Scan(write(t, with(random(size), c.off, c.piece)))
			if err != nil {
				t.Fatal(err)
			}
			if res.Bytes != size || res.Found != int64(len(c.want)) || !slices.Equal(res.First, c.want) {
				t.Errorf("%+v, want %d records at %d", res, len(c.want), c.want)
			}
		})
	}
}

func every(off int64, n int) (at []int64) {
	for range n {
		at = append(at, off)
		off += RecordBytes
	}
	return at
}

func TestScanErrors(t *testing.T) {
	_, err := Scan(write(t, nil))
	mustFail(t, err, "empty")
	if _, err := Scan(filepath.Join(t.TempDir(), "absent")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("absent file: %v", err)
	}
}

// A drive that cannot be read whole has no result, whatever was read before.
func TestScanReadsAllOrFails(t *testing.T) {
	const size = scanChunk + 512
	bad := errors.New("bad sector")
	for name, c := range map[string]struct {
		drive io.ReaderAt
		want  error
	}{
		"shrunk":       {bytes.NewReader(random(size - 1)), io.ErrUnexpectedEOF},
		"shrunk to 1M": {bytes.NewReader(random(scanChunk)), io.ErrUnexpectedEOF},
		"unreadable":   {failing{bad}, bad},
	} {
		if res, err := scan(c.drive, size); !errors.Is(err, c.want) || res.Bytes != 0 {
			t.Errorf("%s: %+v, %v, want %v", name, res, err, c.want)
		}
	}
}

type failing struct{ err error }

func (f failing) ReadAt(p []byte, off int64) (int, error) { return 0, f.err }
