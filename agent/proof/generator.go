package proof

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"math/rand/v2"
	"time"
)

// Generator is a way to stretch a unit's key, by name and version. The name
// stands in the evidence.
type Generator string

// The generators; see the package comment for their definition.
const (
	AESCTR  Generator = "aes128-ctr-1"
	ChaCha8 Generator = "chacha8-1"
)

// Generators are all that this version knows.
func Generators() []Generator { return []Generator{AESCTR, ChaCha8} }

// trial is how much of the pattern Fastest makes with each generator: some
// milliseconds' work.
const trial = 256 << 10

// Fastest tries the generators on this machine and returns the quicker one. A
// trial says more than the processor's feature flags, which an emulated or a
// microcode-patched processor may have without the speed.
func Fastest() Generator {
	best, bestTook := ChaCha8, time.Duration(1<<63-1)
	buf := make([]byte, trial)
	for range 4 {
		for _, g := range Generators() {
			began := time.Now()
			newStream(g, [32]byte{}).fill(buf)
			if took := time.Since(began); took < bestTook {
				best, bestTook = g, took
			}
		}
	}
	return best
}

// chunk is what is made at a time for a comparison: small enough to stay in
// the processor's nearest cache.
const chunk = 8 << 10

type stream interface {
	fill(dst []byte)
	equal(got []byte) bool
}

func newStream(g Generator, key [32]byte) stream {
	if g == AESCTR {
		block, err := aes.NewCipher(key[:16])
		if err != nil {
			panic(err) // only for a key of another length
		}
		return aesStream{cipher.NewCTR(block, key[16:])}
	}
	return chachaStream{rand.NewChaCha8(key)}
}

type aesStream struct{ ctr cipher.Stream }

func (s aesStream) fill(dst []byte) {
	clear(dst)
	s.ctr.XORKeyStream(dst, dst)
}

func (s aesStream) equal(got []byte) bool {
	var zero, out [chunk]byte
	for len(got) > 0 {
		n := min(chunk, len(got))
		s.ctr.XORKeyStream(out[:n], got[:n])
		if !bytes.Equal(out[:n], zero[:n]) {
			return false
		}
		got = got[n:]
	}
	return true
}

type chachaStream struct{ *rand.ChaCha8 }

// fill takes 8 bytes at a time, which is quicker than ChaCha8.Read and yields
// the same bytes.
func (s chachaStream) fill(dst []byte) {
	for len(dst) >= 8 {
		binary.LittleEndian.PutUint64(dst, s.Uint64())
		dst = dst[8:]
	}
	var last [8]byte
	if len(dst) > 0 {
		binary.LittleEndian.PutUint64(last[:], s.Uint64())
		copy(dst, last[:])
	}
}

func (s chachaStream) equal(got []byte) bool {
	var out [chunk]byte
	for len(got) > 0 {
		n := min(chunk, len(got))
		s.fill(out[:n])
		if !bytes.Equal(out[:n], got[:n]) {
			return false
		}
		got = got[n:]
	}
	return true
}
