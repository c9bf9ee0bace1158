package oracle

import (
	"encoding/binary"
	"hash/fnv"
)

// RecordBytes is the size of one record of old data. A drive of n bytes that Fill
// made holds n/RecordBytes of them.
const RecordBytes = 32

// magic begins every record. No part of it repeats at both of its ends, so that
// two finds never overlap, and its first byte is rare in text and code.
const magic = "\xf5OLD-OWNER-DATA\x9d"

// writer makes the records of one drive.
//
// A record is the magic (16 bytes) and two little-endian words: the first is a
// one-to-one scramble of the drive's tag and the record's number, so that no two
// records of a drive are equal; the second is a scramble of the first.
type writer struct {
	tag uint64
}

func newWriter(tag string) writer {
	h := fnv.New64a()
	h.Write([]byte(tag))
	return writer{tag: h.Sum64()}
}

// fill writes the records of the drive's bytes from off on; off and len(p) are
// multiples of RecordBytes.
func (w writer) fill(p []byte, off int64) {
	number := uint64(off) / RecordBytes
	for ; len(p) >= RecordBytes; p = p[RecordBytes:] {
		word := scramble(number ^ w.tag)
		copy(p, magic)
		binary.LittleEndian.PutUint64(p[16:], word)
		binary.LittleEndian.PutUint64(p[24:], scramble(word))
		number++
	}
}

// scramble maps 64 bits one to one (SplitMix64: Steele, Lea, Flood, "Fast
// Splittable Pseudorandom Number Generators", OOPSLA 2014, with the constants of
// Vigna's splitmix64.c).
func scramble(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
