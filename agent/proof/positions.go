package proof

import (
	"bytes"
	"encoding/binary"
	"slices"

	"regain.example/agent/api"
)

// Positions draws n byte offsets of blocks of blockBytes each on a drive of
// size bytes, in ascending order and without overlap. The drive is cut into n
// equal strata and one block falls in each, drawn from the seed; the first and
// the last block of the drive are always among them, since partition tables
// lie there. Fewer are drawn on a drive too small for n strata. Offsets are
// multiples of align, which must divide blockBytes.
func Positions(seed []byte, drive api.DriveID, label string, n int, size, blockBytes, align int64) []int64 {
	if n <= 0 || size < blockBytes || align <= 0 {
		return nil
	}
	n = int(min(int64(n), size/blockBytes))
	stratum := size / int64(n)
	offsets := make([]int64, 0, n)
	for i := range n {
		key := derive(seed, Domain("regain position 1 "+label), drive, uint64(i))
		lowest := (int64(i)*stratum + align - 1) / align * align
		steps := (int64(i+1)*stratum - blockBytes - lowest) / align
		switch {
		case i == 0:
			offsets = append(offsets, 0)
		case i == n-1:
			offsets = append(offsets, (size-blockBytes)/align*align)
		case steps >= 0:
			draw := binary.LittleEndian.Uint64(key[:]) % uint64(steps+1)
			offsets = append(offsets, lowest+int64(draw)*align)
		}
	}
	return slices.Compact(offsets)
}

// Uniform reports whether every byte of b is the same, as on blank media: such
// a block proves nothing when it is seen again.
func Uniform(b []byte) bool {
	return len(b) == 0 || bytes.Equal(b[1:], b[:len(b)-1])
}

// Zero reports whether b holds zeros only.
func Zero(b []byte) bool {
	return len(b) == 0 || (b[0] == 0 && Uniform(b))
}
