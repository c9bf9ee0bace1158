package inspect

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
)

// fat reads a FAT file system of any of the three widths (Microsoft, "FAT: General
// Overview of On-Disk Format", version 1.03).
type fat struct {
	r       io.ReaderAt
	label   string
	width   int // bits of an entry: 12, 16 or 32
	table   int64
	data    int64 // where cluster 2 begins
	cluster int64 // bytes
	count   uint32
	root    uint32 // FAT32: first cluster
	rootAt  int64  // FAT12, FAT16: place and size of the root directory
	rootLen int64
}

var (
	errNoFAT  = errors.New("no FAT file system")
	errNoFile = errors.New("no such file")
)

// maxDirectory bounds how much of one directory is read.
const maxDirectory = 1 << 20

func openFAT(r *io.SectionReader) (*fat, error) {
	b := make([]byte, 512)
	if _, err := r.ReadAt(b, 0); err != nil {
		return nil, fmt.Errorf("%w: %w", errNoFAT, err)
	}
	le := binary.LittleEndian
	sector, per := int64(le.Uint16(b[11:])), int64(b[13])
	reserved, tables, rootEntries := int64(le.Uint16(b[14:])), int64(b[16]), int64(le.Uint16(b[17:]))
	total, size := int64(le.Uint16(b[19:])), int64(le.Uint16(b[22:]))
	if total == 0 {
		total = int64(le.Uint32(b[32:]))
	}
	wide := size == 0
	if wide {
		size = int64(le.Uint32(b[36:]))
	}
	if b[510] != 0x55 || b[511] != 0xAA || sector < 512 || sector > 4096 || sector&(sector-1) != 0 ||
		per == 0 || per&(per-1) != 0 || reserved == 0 || tables == 0 || tables > 2 || size == 0 {
		return nil, errNoFAT
	}
	rootLen := (rootEntries*32 + sector - 1) / sector * sector
	f := &fat{
		r: r, table: reserved * sector, cluster: per * sector, root: le.Uint32(b[44:]),
		rootAt: (reserved + tables*size) * sector, rootLen: rootLen,
	}
	f.data = f.rootAt + rootLen
	clusters := (total*sector - f.data) / f.cluster
	if clusters <= 0 || total*sector > r.Size() {
		return nil, errNoFAT
	}
	f.count = uint32(clusters)
	label := b[43:54]
	switch {
	case wide:
		f.width, label = 32, b[71:82]
	case clusters < 4085:
		f.width = 12
	default:
		f.width = 16
	}
	f.label = strings.TrimRight(string(label), " \x00")
	return f, nil
}

// head returns up to n bytes of the beginning of a file, found by the 8.3 names of
// its path.
func (f *fat) head(n int, path ...string) ([]byte, error) {
	dir, err := f.rootDirectory()
	for i, name := range path {
		if err != nil {
			return nil, err
		}
		cluster, size, isDir, ok := find(dir, name)
		last := i == len(path)-1
		if !ok || isDir == last {
			return nil, fmt.Errorf("%w: %s", errNoFile, strings.Join(path[:i+1], "/"))
		}
		limit := maxDirectory
		if last {
			limit = min(n, int(size))
		}
		dir, err = f.chain(cluster, limit)
	}
	return dir, err
}

func (f *fat) rootDirectory() ([]byte, error) {
	if f.width == 32 {
		return f.chain(f.root, maxDirectory)
	}
	b := make([]byte, f.rootLen)
	if _, err := f.r.ReadAt(b, f.rootAt); err != nil {
		return nil, fmt.Errorf("read FAT directory: %w", err)
	}
	return b, nil
}

// find looks for a short name such as "BOOTX64.EFI" in a directory.
func find(dir []byte, name string) (cluster, size uint32, isDir, ok bool) {
	base, ext, _ := strings.Cut(name, ".")
	want := fmt.Sprintf("%-8s%-3s", base, ext)
	le := binary.LittleEndian
	for ; len(dir) >= 32 && dir[0] != 0; dir = dir[32:] {
		attr := dir[11]
		if attr&0x08 != 0 || string(dir[:11]) != want { // a volume label or part of a long name
			continue
		}
		cluster = uint32(le.Uint16(dir[20:]))<<16 | uint32(le.Uint16(dir[26:]))
		return cluster, le.Uint32(dir[28:]), attr&0x10 != 0, true
	}
	return 0, 0, false, false
}

// chain reads up to limit bytes of a chain of clusters.
func (f *fat) chain(cluster uint32, limit int) ([]byte, error) {
	var out []byte
	for len(out) < limit {
		if cluster < 2 || cluster >= f.count+2 {
			return out, nil // the end, or nonsense: what was read is all there is
		}
		b := make([]byte, min(f.cluster, int64(limit-len(out))))
		if _, err := f.r.ReadAt(b, f.data+int64(cluster-2)*f.cluster); err != nil {
			return nil, fmt.Errorf("read FAT cluster %d: %w", cluster, err)
		}
		out = append(out, b...)
		next, err := f.next(cluster)
		if err != nil {
			return nil, err
		}
		cluster = next
	}
	return out, nil
}

func (f *fat) next(cluster uint32) (uint32, error) {
	b := make([]byte, 4)
	at := int64(cluster) * int64(f.width) / 8
	n := (f.width + 7) / 8
	if _, err := f.r.ReadAt(b[:n], f.table+at); err != nil {
		return 0, fmt.Errorf("read FAT entry %d: %w", cluster, err)
	}
	v := binary.LittleEndian.Uint32(b)
	switch f.width {
	case 12:
		return v >> (4 * (cluster & 1)) & 0xFFF, nil
	case 16:
		return v, nil
	}
	return v & 0x0FFF_FFFF, nil
}
