package gpt

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
)

// alignBytes is what a grown partition's end is aligned to: the unit that
// partitioning programs use.
const alignBytes = 1 << 20

// Change is a run of bytes that fitting the table changes on the drive.
type Change struct {
	Offset uint64 // bytes from the start of the drive
	Data   []byte
	Why    string
}

// Fit moves the end of the usable space to the end of the drive and, if grow is
// not 0, grows the partition of that number as far as it goes. Nothing is
// written; see Changes.
func (t *Table) Fit(grow int) error {
	h := t.primary
	last := t.sectors - 1
	table := tableSectors(h, t.sector)
	if last < table+h.firstUsable() {
		return fmt.Errorf("%w: the drive is too small for it", ErrInvalid)
	}
	h.set64(offAlternate, last)
	h.set64(offLastUsable, last-table-1)
	if err := t.check(); err != nil {
		return err
	}
	if grow != 0 {
		if err := t.grow(grow); err != nil {
			return err
		}
	}
	h.set32(offEntriesCRC, crc32.ChecksumIEEE(t.entries))
	h.seal()
	return nil
}

// grow moves the end of partition n to the last usable sector, aligned.
func (t *Table) grow(n int) error {
	var part *Partition
	parts := t.Partitions()
	for i := range parts {
		if parts[i].Number == n {
			part = &parts[i]
		}
	}
	if part == nil {
		return fmt.Errorf("%w: it has no partition %d, which should grow", ErrInvalid, n)
	}
	for _, p := range parts {
		if p.First > part.Last {
			return fmt.Errorf("%w: partition %d cannot grow, partition %d lies behind it", ErrInvalid, n, p.Number)
		}
	}
	align := alignBytes / t.sector
	next := (t.primary.lastUsable() + 1) / align * align
	if next <= part.Last+1 {
		return nil
	}
	binary.LittleEndian.PutUint64(t.entry(n)[offLast:], next-1)
	t.grown = n
	return nil
}

// Changes lists what must be written, in the order in which a power cut does the
// least harm: the backup first, the primary header last.
func (t *Table) Changes() ([]Change, error) {
	last := t.sectors - 1
	mbr, err := t.protective()
	if err != nil {
		return nil, err
	}
	backup := make([]byte, t.sector)
	copy(backup, t.primary.asBackup(last, t.sector))
	changes := []Change{
		{(last - tableSectors(t.primary, t.sector)) * t.sector, t.entries, "backup GPT"},
		{last * t.sector, backup, "backup GPT"},
	}
	changes = append(changes, mbr...)
	if t.grown != 0 {
		size := t.primary.entrySize()
		at := t.primary.entryLBA()*t.sector + uint64(t.grown-1)*size
		changes = append(changes, Change{at, t.entry(t.grown), fmt.Sprintf("grow partition %d", t.grown)})
	}
	return append(changes, Change{t.sector, t.primary, "primary GPT header"}), nil
}
