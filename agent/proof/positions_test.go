package proof

import (
	"bytes"
	"slices"
	"testing"
)

func TestPositions(t *testing.T) {
	seed := bytes.Repeat([]byte{1}, SeedBytes)
	for _, c := range []struct{ n, size, block, align int64 }{
		{64, 1 << 40, 64 << 10, 512},
		{64, 500107862016, 64 << 10, 4096},
		{64, 64 * (64 << 10), 64 << 10, 512},   // strata as long as blocks
		{64, 10*(64<<10) + 512, 64 << 10, 512}, // fewer fit
		{1, 1 << 20, 64 << 10, 512},
		{64, 64 << 10, 64 << 10, 512},
	} {
		got := Positions(seed, "drive", "markers", int(c.n), c.size, c.block, c.align)
		if len(got) == 0 || int64(len(got)) > c.n {
			t.Errorf("%+v: %d positions", c, len(got))
			continue
		}
		if got[0] != 0 {
			t.Errorf("%+v: begins at %d", c, got[0])
		}
		if last := got[len(got)-1]; c.n > 1 && last+c.block+c.align <= c.size {
			t.Errorf("%+v: ends at %d", c, last)
		}
		for i, off := range got {
			if off%c.align != 0 || off+c.block > c.size || i > 0 && off < got[i-1]+c.block {
				t.Errorf("%+v: position %d is %d", c, i, off)
			}
		}
	}
}

func TestPositionsDependOnSeedDriveAndLabel(t *testing.T) {
	seed := bytes.Repeat([]byte{1}, SeedBytes)
	base := Positions(seed, "drive", "markers", 64, 1<<40, 1<<16, 512)
	if !slices.Equal(base, Positions(seed, "drive", "markers", 64, 1<<40, 1<<16, 512)) {
		t.Error("drawn twice, not the same")
	}
	for name, other := range map[string][]int64{
		"seed":  Positions(bytes.Repeat([]byte{2}, SeedBytes), "drive", "markers", 64, 1<<40, 1<<16, 512),
		"drive": Positions(seed, "other", "markers", 64, 1<<40, 1<<16, 512),
		"label": Positions(seed, "drive", "samples", 64, 1<<40, 1<<16, 512),
	} {
		same := 0
		for i := range other {
			if other[i] == base[i] {
				same++
			}
		}
		if same > 4 { // the first and the last always are
			t.Errorf("another %s draws %d of the same positions", name, same)
		}
	}
}

func TestPositionsOfNothing(t *testing.T) {
	for _, size := range []int64{0, 512} {
		if got := Positions(make([]byte, 32), "d", "m", 64, size, 1<<16, 512); got != nil {
			t.Errorf("%d bytes: %v", size, got)
		}
	}
}

func TestUniformAndZero(t *testing.T) {
	for _, c := range []struct {
		b             []byte
		uniform, zero bool
	}{
		{nil, true, true}, {[]byte{0}, true, true}, {[]byte{0, 0, 0}, true, true},
		{[]byte{9, 9}, true, false}, {[]byte{0, 0, 1}, false, false}, {[]byte{1, 0, 0}, false, false},
	} {
		if Uniform(c.b) != c.uniform || Zero(c.b) != c.zero {
			t.Errorf("%v: uniform %v, zero %v", c.b, Uniform(c.b), Zero(c.b))
		}
	}
}
