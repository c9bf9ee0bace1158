package erase

import (
	"hash/maphash"

	"regain.example/agent/proof"
)

// memory keeps what the sectors of some blocks held as keyed hashes. The key is
// drawn in this process and cannot leave it, so the hashes tell nobody what the
// drive contained; 64 bits are plenty to see whether a sector is what it was.
type memory struct {
	key    maphash.Seed
	sector int
	blocks [][]sectorHash
}

// sectorHash is zero for a uniform sector, which proves nothing when seen again.
type sectorHash uint64

func newMemory(blocks, sector int) *memory {
	return &memory{key: maphash.MakeSeed(), sector: sector, blocks: make([][]sectorHash, blocks)}
}

// keep remembers block i.
func (m *memory) keep(i uint64, block []byte) {
	hashes := make([]sectorHash, 0, len(block)/m.sector)
	for at := 0; at+m.sector <= len(block); at += m.sector {
		hashes = append(hashes, m.hash(block[at:at+m.sector]))
	}
	m.blocks[i] = hashes
}

// telling counts the blocks of which any sector can prove something.
func (m *memory) telling() int {
	n := 0
	for _, block := range m.blocks {
		for _, h := range block {
			if h != 0 {
				n++
				break
			}
		}
	}
	return n
}

// seen reports whether any sector of block i is what it was. Nobody remembers in
// a nil memory.
func (m *memory) seen(i uint64, block []byte) bool {
	if m == nil {
		return false
	}
	for n, was := range m.blocks[i] {
		at := n * m.sector
		if was != 0 && m.hash(block[at:at+m.sector]) == was {
			return true
		}
	}
	return false
}

func (m *memory) hash(sector []byte) sectorHash {
	if proof.Uniform(sector) {
		return 0
	}
	return sectorHash(maphash.Bytes(m.key, sector))
}
