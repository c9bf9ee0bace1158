package erase

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"hash"

	"regain.example/agent/proof"
)

// memory keeps what a sector held as a keyed hash. The key lives in this process
// only, so the hashes tell nobody what the drive contained.
type memory struct {
	mac    hash.Hash
	sector int
	blocks [][]sectorHash
}

// sectorHash is zero for a uniform sector, which proves nothing when seen again.
type sectorHash [sha256.Size]byte

func newMemory(sector int) *memory {
	key := make([]byte, sha256.Size)
	rand.Read(key) //nolint:errcheck // never fails (crypto/rand)
	return &memory{mac: hmac.New(sha256.New, key), sector: sector}
}

// keep remembers a block and reports whether any sector of it can prove
// something. Blocks are kept in the order in which they are asked for again.
func (m *memory) keep(block []byte) (telling bool) {
	hashes := make([]sectorHash, 0, len(block)/m.sector)
	for at := 0; at+m.sector <= len(block); at += m.sector {
		h := m.hash(block[at : at+m.sector])
		telling = telling || h != sectorHash{}
		hashes = append(hashes, h)
	}
	m.blocks = append(m.blocks, hashes)
	return telling
}

// seen reports whether any sector of block i is what it was.
func (m *memory) seen(i int, block []byte) bool {
	for n, was := range m.blocks[i] {
		at := n * m.sector
		if (was != sectorHash{}) && m.hash(block[at:at+m.sector]) == was {
			return true
		}
	}
	return false
}

func (m *memory) hash(sector []byte) (h sectorHash) {
	if proof.Uniform(sector) {
		return sectorHash{}
	}
	m.mac.Reset()
	m.mac.Write(sector)
	m.mac.Sum(h[:0])
	return h
}
