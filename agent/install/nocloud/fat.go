// Package nocloud makes the file system that carries a NoCloud seed: a whole new
// FAT volume labelled CIDATA, with the seed's files in its root directory.
//
// Source: Microsoft, "FAT: General Overview of On-Disk Format", version 1.03.
// FAT12 and FAT16 are enough for any seed partition, and small enough to write
// here: the libraries at hand make FAT32 only, of 32 MiB and more, and bring a
// logger into the agent.
package nocloud

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// Label is the volume label that cloud-init looks for.
const Label = "CIDATA"

// ErrSize is returned where the partition cannot hold the seed.
var ErrSize = errors.New("seed does not fit the partition")

// Build returns the beginning of a volume of size bytes that holds files; all
// bytes behind it are zero. Sector is the drive's logical sector in bytes. The
// same arguments give the same bytes: the files' dates are those of the FAT
// epoch, since a bench's clock may be wrong.
func Build(size uint64, sector uint32, files map[string][]byte) ([]byte, error) {
	names := slices.Sorted(maps.Keys(files))
	if err := checkNames(names); err != nil {
		return nil, err
	}
	v, err := plan(size, sector)
	if err != nil {
		return nil, err
	}
	entries := labelEntry()
	var data []byte
	var chain [][2]uint32 // first cluster and number of clusters of each file
	next := uint32(2)
	for i, name := range names {
		n := v.clustersFor(len(files[name]))
		first := uint32(0)
		if n > 0 {
			first = next
			chain = append(chain, [2]uint32{first, n})
		}
		next += n
		if next-2 > v.clusters {
			return nil, fmt.Errorf("%w: its files take more than %d bytes", ErrSize, uint64(v.clusters)*v.clusterBytes())
		}
		entries = append(entries, fileEntries(name, i+1, first, uint32(len(files[name])))...)
		data = append(data, files[name]...)
		data = append(data, make([]byte, uint64(n)*v.clusterBytes()-uint64(len(files[name])))...)
	}
	return v.assemble(serial(names, files), chain, entries, data), nil
}

// assemble puts the parts where the specification wants them.
func (v volume) assemble(serial uint32, chain [][2]uint32, entries, data []byte) []byte {
	head := make([]byte, uint64(v.dataSector())*uint64(v.sector), uint64(v.dataSector())*uint64(v.sector)+uint64(len(data)))
	v.bootSector(head, serial)
	fat := v.table(chain)
	for i := uint32(0); i < fats; i++ {
		copy(head[(reserved+i*v.fatSectors)*v.sector:], fat)
	}
	copy(head[(reserved+fats*v.fatSectors)*v.sector:], entries)
	return append(head, data...)
}

// serial derives the volume's serial number from its content.
func serial(names []string, files map[string][]byte) uint32 {
	h := sha256.New()
	for _, name := range names {
		fmt.Fprintf(h, "%s\x00%d\x00", name, len(files[name]))
		h.Write(files[name])
	}
	return binary.LittleEndian.Uint32(h.Sum(nil))
}
