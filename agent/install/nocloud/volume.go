package nocloud

import (
	"encoding/binary"
	"fmt"
)

const (
	reserved    = 1 // sectors before the first FAT
	fats        = 2
	rootEntries = 512
	media       = 0xf8 // fixed disk

	// A volume with fewer clusters is FAT12, with more than max16 FAT32
	// ("FAT type determination"). Drivers are known to be off by a few, so
	// the specification advises to keep 16 away from both.
	min16  = 4085
	max16  = 65524
	margin = 16

	maxClusterBytes = 32 << 10
)

// volume is the geometry of one FAT12 or FAT16 volume.
type volume struct {
	sector     uint32 // bytes
	sectors    uint32
	perCluster uint32 // sectors
	fatSectors uint32
	clusters   uint32
}

// plan chooses the smallest clusters that keep the volume FAT12 or FAT16.
func plan(size uint64, sector uint32) (volume, error) {
	if sector < 512 || sector > 4096 || sector&(sector-1) != 0 {
		return volume{}, fmt.Errorf("sectors of %d bytes are not for FAT", sector)
	}
	for per := uint32(1); per*sector <= maxClusterBytes; per *= 2 {
		v := volume{sector: sector, perCluster: per}
		if size/uint64(sector) > uint64(max16+margin)*uint64(per) {
			continue
		}
		v.sectors = uint32(size / uint64(sector))
		if !v.fill() {
			return volume{}, fmt.Errorf("%w: it has %d bytes only", ErrSize, size)
		}
		if v.clusters > max16-margin || (v.clusters > min16-margin && v.clusters < min16+margin) {
			continue
		}
		return v, nil
	}
	return volume{}, fmt.Errorf("%w: it has %d bytes, the most is 2 GB", ErrSize, size)
}

// fill computes the size of the FAT and the number of clusters, each of which
// depends on the other. It reports whether at least one cluster is left.
func (v *volume) fill() bool {
	for v.fatSectors = 1; v.dataSector() < v.sectors; v.fatSectors++ {
		v.clusters = (v.sectors - v.dataSector()) / v.perCluster
		if uint64(v.fatSectors)*uint64(v.sector) >= v.fatBytes() {
			return v.clusters > 0
		}
	}
	return false
}

func (v volume) is16() bool           { return v.clusters >= min16 }
func (v volume) clusterBytes() uint64 { return uint64(v.perCluster) * uint64(v.sector) }
func (v volume) rootSectors() uint32  { return (rootEntries*entryBytes + v.sector - 1) / v.sector }
func (v volume) dataSector() uint32   { return reserved + fats*v.fatSectors + v.rootSectors() }

func (v volume) clustersFor(n int) uint32 {
	return uint32((uint64(n) + v.clusterBytes() - 1) / v.clusterBytes())
}

// fatBytes is the size of one FAT: 16 or 12 bits for each cluster and two more.
func (v volume) fatBytes() uint64 {
	if v.is16() {
		return 2 * uint64(v.clusters+2)
	}
	return (3*uint64(v.clusters+2) + 1) / 2
}

// bootSector writes the BIOS parameter block, from offset 11 on.
func (v volume) bootSector(b []byte, serial uint32) {
	le := binary.LittleEndian
	copy(b, "\xeb\x3c\x90REGAIN  ")
	le.PutUint16(b[11:], uint16(v.sector))
	b[13] = byte(v.perCluster)
	le.PutUint16(b[14:], reserved)
	b[16] = fats
	le.PutUint16(b[17:], rootEntries)
	if v.sectors < 1<<16 {
		le.PutUint16(b[19:], uint16(v.sectors))
	} else {
		le.PutUint32(b[32:], v.sectors)
	}
	b[21] = media
	le.PutUint16(b[22:], uint16(v.fatSectors))
	le.PutUint16(b[24:], 63)  // sectors per track and
	le.PutUint16(b[26:], 255) // heads, of a geometry that nothing uses
	b[36] = 0x80              // drive number
	b[38] = 0x29              // the three fields that follow are there
	le.PutUint32(b[39:], serial)
	copy(b[43:], fmt.Sprintf("%-11s", Label))
	if v.is16() {
		copy(b[54:], "FAT16   ")
	} else {
		copy(b[54:], "FAT12   ")
	}
	copy(b[510:], "\x55\xaa")
}

// table returns one FAT for files that lie one after the other.
func (v volume) table(chain [][2]uint32) []byte {
	b := make([]byte, uint64(v.fatSectors)*uint64(v.sector))
	v.set(b, 0, 0xff00|media)
	v.set(b, 1, 0xffff)
	for _, c := range chain {
		for i := uint32(1); i < c[1]; i++ {
			v.set(b, c[0]+i-1, uint16(c[0]+i))
		}
		v.set(b, c[0]+c[1]-1, 0xffff)
	}
	return b
}

// set stores the entry of cluster n; FAT12 keeps its low 12 bits.
func (v volume) set(b []byte, n uint32, value uint16) {
	le := binary.LittleEndian
	switch at := n + n/2; {
	case v.is16():
		le.PutUint16(b[2*n:], value)
	case n%2 == 0:
		le.PutUint16(b[at:], le.Uint16(b[at:])&0xf000|value&0x0fff)
	default:
		le.PutUint16(b[at:], le.Uint16(b[at:])&0x000f|value<<4)
	}
}
