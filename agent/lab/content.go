package lab

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// formerMark is in every 32 bytes of former content, and in nothing else.
const formerMark = "FORMER CONTENT "

// former fills a page with content that a person would know again, different in
// every sector of every drive.
func former(drive string) fill {
	return func(index int64, p []byte) {
		for at := 0; at < len(p); at += 512 {
			line := fmt.Sprintf("%s%s@%012x ", formerMark, drive, index*page+int64(at))
			for n := at; n < at+512; n += copy(p[n:at+512], line) {
			}
		}
	}
}

// zeros is what a block erase and a format leave.
func zeros(_ int64, p []byte) { clear(p) }

// noise is what former ciphertext looks like under a new key: no test tells it
// from chance (SplitMix64).
func noise(key uint64) fill {
	return func(index int64, p []byte) {
		x := key ^ uint64(index)*0x9e3779b97f4a7c15
		for at := 0; at < len(p); at += 8 {
			x += 0x9e3779b97f4a7c15
			z := (x ^ x>>30) * 0xbf58476d1ce4e5b9
			z = (z ^ z>>27) * 0x94d049bb133111eb
			binary.LittleEndian.PutUint64(p[at:], z^z>>31)
		}
	}
}

// countFormer counts the sectors of 512 bytes that hold any former content.
func (m *medium) countFormer() int {
	count := 0
	for index := int64(0); index*page < m.size; index++ {
		p := m.at(index)[:min(page, m.size-index*page)]
		for at := 0; at < len(p); at += 512 {
			if bytes.Contains(p[at:min(at+512, len(p))], []byte(formerMark)) {
				count++
			}
		}
	}
	return count
}

// pattern is what a sanitize of overwrite leaves: 32 bits, repeated.
func pattern(word uint32) fill {
	return func(_ int64, p []byte) {
		for at := 0; at < len(p); at += 4 {
			binary.LittleEndian.PutUint32(p[at:], word)
		}
	}
}
