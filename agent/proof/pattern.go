// Package proof makes the pseudo-random pattern that an overwrite writes and a
// read-back looks for, draws the places of markers and samples, and tells what a
// block looks like.
//
// # The pattern
//
// A drive is cut into units of 1 MiB. The content of each unit depends on the
// controller's seed, the drive's identity and the unit's index, and on nothing
// else, so that any unit can be made again alone:
//
//	k = HMAC-SHA-256(seed, label || 0x00 || drive ID || 0x00 || index)
//
// with the label of the domain ("regain overwrite 1" or "regain marker 1"), the
// drive ID in UTF-8 and the index as 8 bytes, little-endian. k feeds one of two
// generators; a drive whose size is no multiple of 1 MiB gets the beginning of
// its last unit.
//
//	aes128-ctr-1  AES-128 in counter mode (NIST SP 800-38A section 6.5) over
//	              zeros, key k[0:16], first counter block k[16:32]
//	chacha8-1     the output of chacha8rand (C2SP chacha8rand) with seed k
//
// docs/adr/0002-overwrite-pattern.md says why there are two, and
// testdata/vectors.json holds test vectors.
package proof

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"regain.example/agent/api"
)

// Unit is the size in bytes of what can be regenerated alone.
const Unit = 1 << 20

// SeedBytes is the length of the controller's seed.
const SeedBytes = 32

// Domain separates patterns that one seed serves for.
type Domain string

// The domains.
const (
	DomainOverwrite Domain = "regain overwrite 1"
	DomainMarker    Domain = "regain marker 1"
)

// Pattern is the pattern of one drive. It may be used by several goroutines.
type Pattern struct {
	generator Generator
	domain    Domain
	seed      []byte
	drive     api.DriveID
}

// New returns the pattern of a drive. The seed must have SeedBytes bytes.
func New(g Generator, domain Domain, seed []byte, drive api.DriveID) (*Pattern, error) {
	if len(seed) != SeedBytes {
		return nil, fmt.Errorf("pattern of %s: the seed has %d bytes, not %d", drive, len(seed), SeedBytes)
	}
	if g != AESCTR && g != ChaCha8 {
		return nil, fmt.Errorf("pattern of %s: unknown generator %q", drive, g)
	}
	return &Pattern{generator: g, domain: domain, seed: append([]byte(nil), seed...), drive: drive}, nil
}

// Generator names the generator in use.
func (p *Pattern) Generator() Generator { return p.generator }

// Fill writes the beginning of unit index to dst, at most Unit bytes.
func (p *Pattern) Fill(dst []byte, index uint64) {
	if len(dst) > Unit {
		panic("proof: more than one unit asked for")
	}
	p.stream(index).fill(dst)
}

// Equal reports whether got is the beginning of unit index.
func (p *Pattern) Equal(got []byte, index uint64) bool {
	if len(got) > Unit {
		return false
	}
	return p.stream(index).equal(got)
}

// EqualAt reports whether got is what the pattern holds from byte off of the
// drive on. It must not reach beyond the unit in which it begins.
func (p *Pattern) EqualAt(got []byte, off uint64) bool {
	index, skip := off/Unit, int(off%Unit)
	if skip+len(got) > Unit {
		return false
	}
	s := p.stream(index)
	var passed [chunk]byte
	for ; skip > 0; skip -= min(skip, chunk) {
		s.fill(passed[:min(skip, chunk)])
	}
	return s.equal(got)
}

// InAnySector reports whether any sector of got is what the same sector at the
// beginning of unit index would be.
func (p *Pattern) InAnySector(got []byte, index uint64, sector int) bool {
	want := make([]byte, sector*max(1, chunk/sector))
	for s := p.stream(index); len(got) >= sector; got = got[min(len(got), len(want)):] {
		s.fill(want[:min(len(got), len(want))])
		for at := 0; at+sector <= min(len(got), len(want)); at += sector {
			if bytes.Equal(got[at:at+sector], want[at:at+sector]) {
				return true
			}
		}
	}
	return false
}

func (p *Pattern) stream(index uint64) stream {
	return newStream(p.generator, derive(p.seed, p.domain, p.drive, index))
}

func derive(seed []byte, domain Domain, drive api.DriveID, index uint64) [32]byte {
	mac := hmac.New(sha256.New, seed)
	mac.Write([]byte(domain))
	mac.Write([]byte{0})
	mac.Write([]byte(drive))
	mac.Write([]byte{0})
	mac.Write(binary.LittleEndian.AppendUint64(nil, index))
	return [32]byte(mac.Sum(nil))
}
