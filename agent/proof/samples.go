package proof

import (
	"encoding/binary"

	"regain.example/agent/api"
)

// How small the blocks of samples become: all samples together are to be a small
// part of a drive, whose size in blocks is at least this.
const (
	r2Blocks = 16 * api.R2Samples
	// r1Blocks: 20 blocks in each sub-range, of which a tenth is two.
	r1Blocks   = 20 * api.R1Ranges
	leastBlock = 4096 // bytes
)

// SampleBlock is the size in bytes of one block of samples of a drive: the
// largest power of two that is at most api.SampleBytes and of which the drive
// holds enough, and never less than 4,096 or the sector.
func SampleBlock(plan api.Verify, size, sector int64) int64 {
	enough := int64(r2Blocks)
	if plan == api.VerifyNISTR1 {
		enough = r1Blocks
	}
	block := int64(api.SampleBytes)
	for block > max(leastBlock, sector) && size/block < enough {
		block /= 2
	}
	return block
}

// Samples draws the places that are sampled after an erasure, in ascending order
// and without overlap. It returns nil for a plan that it does not know.
//
// The drive is a row of blocks of SampleBlock bytes, counted from 0; the last one
// ends with the drive and may be shorter. The row of n blocks is cut into p equal
// parts, part i from block i*n/p to before block (i+1)*n/p (rounded down). With
//
//	k = HMAC-SHA-256(seed, "regain sample 1 " || plan || 0x00 || drive ID || 0x00 || i)
//
// i as 8 bytes, a = k[0:8] and b = k[8:16], all little-endian, a part of s blocks
// yields
//
//	nist-r2, full  p = 256   the block a mod s
//	nist-r1        p = 1000  two runs of r = s/20+1 blocks (rounded down): with
//	                         the smaller x and the larger y of a mod (s-2r+1)
//	                         and b mod (s-2r+1), they begin at x and at y+r
//
// A drive of fewer blocks has a part for each (nist-r1: for every two).
// testdata/samples.json holds test vectors.
func Samples(seed []byte, drive api.DriveID, plan api.Verify, size, sector int64) []api.Range {
	block := SampleBlock(plan, size, sector)
	row := row{block: block, size: size, n: (size + block - 1) / block}
	var parts int64
	draw := one
	switch plan {
	case api.VerifyNISTR2, api.VerifyFull:
		parts = min(api.R2Samples, row.n)
	case api.VerifyNISTR1:
		if row.n > 1 {
			parts, draw = min(api.R1Ranges, row.n/2), two
		} else {
			parts = row.n
		}
	}
	var places []api.Range
	for i := range parts {
		first, past := i*row.n/parts, (i+1)*row.n/parts
		k := derive(seed, Domain("regain sample 1 "+string(plan)), drive, uint64(i))
		for _, r := range draw(k, uint64(past-first)) {
			places = append(places, row.bytes(first+int64(r.first), int64(r.blocks)))
		}
	}
	return places
}

// row is a drive as a row of n blocks.
type row struct{ block, size, n int64 }

func (r row) bytes(first, blocks int64) api.Range {
	from, to := first*r.block, min(r.size, (first+blocks)*r.block)
	return api.Range{Offset: uint64(from), Length: uint64(to - from)}
}

// run is some blocks of a part, counted from its first.
type run struct{ first, blocks uint64 }

func one(k [32]byte, s uint64) []run {
	return []run{{binary.LittleEndian.Uint64(k[:]) % s, 1}}
}

func two(k [32]byte, s uint64) []run {
	r := s/20 + 1
	x := binary.LittleEndian.Uint64(k[:]) % (s - 2*r + 1)
	y := binary.LittleEndian.Uint64(k[8:]) % (s - 2*r + 1)
	return []run{{min(x, y), r}, {max(x, y) + r, r}}
}
