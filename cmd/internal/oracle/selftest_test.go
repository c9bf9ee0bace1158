package oracle

import (
	"os"
	"testing"
)

func TestSelfTest(t *testing.T) {
	for name, size := range map[string]int{
		"smallest":    sectorBytes + 2,
		"small":       8192,
		"many pieces": 3*scanChunk + 512,
	} {
		t.Run(name, func(t *testing.T) {
			dir, drive := t.TempDir(), write(t, random(size))
			c, err := SelfTest(dir, drive)
			if err != nil {
				t.Fatal(err)
			}
			if c.PlantedAt%2 != 1 || c.Bytes != int64(size) || c.Scan.Found != sectorBytes/RecordBytes {
				t.Errorf("%+v", c)
			}
			if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
				t.Errorf("left behind: %v, %v", left, err)
			}
			if res, err := Scan(drive); err != nil || res.Found != 0 {
				t.Errorf("the drive itself was touched: %+v, %v", res, err)
			}
		})
	}
}

func TestSelfTestCopiesAWindow(t *testing.T) {
	drive := write(t, nil)
	if err := os.Truncate(drive, 3*controlWindow); err != nil {
		t.Fatal(err)
	}
	if c, err := SelfTest(t.TempDir(), drive); err != nil || c.Bytes != controlWindow {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestSelfTestRefuses(t *testing.T) {
	for part, b := range map[string][]byte{
		"still holds old data": filled(t, 8192, "a"),
		"too small":            random(sectorBytes),
		"empty":                nil,
	} {
		dir := t.TempDir()
		_, err := SelfTest(dir, write(t, b))
		mustFail(t, err, part)
		if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
			t.Errorf("%s: left behind: %v, %v", part, left, err)
		}
	}
}

// A scan that looks at aligned sectors only finds nothing amiss; the test must.
func TestSelfTestCatchesACarelessScan(t *testing.T) {
	careless := func(path string) (Result, error) {
		b, err := os.ReadFile(path)
		res := Result{Bytes: int64(len(b))}
		for off := 0; off+len(magic) <= len(b); off += sectorBytes {
			if string(b[off:off+len(magic)]) == magic {
				res.Found++
			}
		}
		return res, err
	}
	_, err := selfTest(t.TempDir(), write(t, random(8192)), careless)
	mustFail(t, err, "the scan found 0 records")
}

// A scan that misses one record, or finds one too many, or elsewhere, fails.
func TestSelfTestJudges(t *testing.T) {
	for name, c := range map[string]struct {
		res Result
		ok  bool
	}{
		"all":      {Result{Found: 16, First: every(101, 16)}, true},
		"nothing":  {Result{}, false},
		"one less": {Result{Found: 15, First: every(101, 15)}, false},
		"one more": {Result{Found: 17, First: every(101, 16)}, false},
		"shifted":  {Result{Found: 16, First: every(100, 16)}, false},
	} {
		if err := (Control{PlantedAt: 101, Scan: c.res}).judge(); (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}
