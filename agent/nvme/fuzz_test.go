package nvme

import (
	"encoding/binary"
	"slices"
	"testing"
)

func FuzzIdentifyController(f *testing.F) {
	f.Add(make([]byte, 4096))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := ParseController(b)
		if (err == nil) != (len(b) == 4096) || err != nil && c != (Controller{}) {
			t.Errorf("%d bytes: %+v, %v", len(b), c, err)
		}
	})
}

func FuzzIdentifyNamespace(f *testing.F) {
	f.Add(namespaceData(func([]byte) {}))
	f.Add(make([]byte, 4096))
	f.Fuzz(func(t *testing.T, b []byte) {
		n, err := ParseNamespace(b)
		switch {
		case err != nil && n != (Namespace{}):
			t.Errorf("%+v and %v", n, err)
		case err == nil && (n.LBADataSize < 512 || n.LBADataSize > 1<<24 || n.LBADataSize&(n.LBADataSize-1) != 0 || n.LBAFormat > 63):
			t.Errorf("%+v", n)
		}
	})
}

func FuzzNamespaceList(f *testing.F) {
	two := make([]byte, 4096)
	two[0], two[4] = 1, 2
	f.Add(two)
	f.Add(slices.Repeat([]byte{0xff}, 4096))
	f.Fuzz(func(t *testing.T, b []byte) {
		list, err := ParseNamespaceList(b)
		if err == nil && len(b) != 4096 || len(list) > 1024 || slices.Contains(list, 0) || !slices.IsSorted(list) ||
			len(slices.Compact(slices.Clone(list))) != len(list) {
			t.Errorf("%d bytes: %v, %v", len(b), list, err)
		}
	})
}

func FuzzSanitizeLog(f *testing.F) {
	f.Add(make([]byte, 512))
	f.Add(slices.Repeat([]byte{0xff}, 512))
	f.Fuzz(func(t *testing.T, b []byte) {
		l, err := ParseSanitizeLog(b)
		if (err == nil) != (len(b) == 512) || l.Overwrite < 0 || l.Block < 0 || l.Crypto < 0 {
			t.Errorf("%d bytes: %+v, %v", len(b), l, err)
		}
		if l.Succeeded() && b[2]&7 != 1 && b[2]&7 != 4 {
			t.Errorf("SSTAT %02x%02xh is no success", b[3], b[2])
		}
	})
}

func FuzzHealth(f *testing.F) {
	f.Add(make([]byte, 512))
	f.Add(slices.Repeat([]byte{0xff}, 512))
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := ParseHealth(b)
		if (err == nil) != (len(b) == 512) {
			t.Errorf("%d bytes: %v", len(b), err)
		}
		if err != nil {
			return
		}
		low, high := binary.LittleEndian.Uint64(b[160:]), binary.LittleEndian.Uint64(b[168:])
		if high == 0 && *h.MediaErrors != low || high != 0 && *h.MediaErrors != ^uint64(0) {
			t.Errorf("media errors %d of %d and %d", *h.MediaErrors, high, low)
		}
		if h.Celsius != nil && *h.Celsius <= -273 {
			t.Errorf("%d degrees", *h.Celsius)
		}
	})
}
