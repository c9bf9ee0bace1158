// Package gpt reads the GUID partition table of a freshly written master image
// and fits it to the drive that now carries it.
//
// Source: UEFI Specification 2.10, section 5.2.3 (protective MBR) and 5.3 (GPT).
// A library was weighed and left out: those at hand open a block device by
// themselves, buffered, or bring a logger into the agent.
package gpt

import (
	"errors"
	"fmt"
	"io"
)

// ErrNone is returned where the drive carries no GPT.
var ErrNone = errors.New("no GUID partition table")

// ErrInvalid is returned for a table that breaks the specification. Nothing is
// written then.
var ErrInvalid = errors.New("GUID partition table is invalid")

// Table is the partition table of one drive.
type Table struct {
	sector  uint64 // logical sector, bytes
	sectors uint64 // of the drive
	mbr     []byte // LBA 0, the first 512 bytes
	primary header
	entries []byte
	grown   int // number of the partition that was grown, 0 for none
}

// Read reads and checks the primary table. It looks neither at the backup nor at
// the primary's pointer to it: in an image that is smaller than its drive both
// are where the image ended. Sector is the drive's logical sector size, size the
// drive's, in bytes.
func Read(r io.ReaderAt, sector, size uint64) (*Table, error) {
	if sector < 512 || size/sector < 4 {
		return nil, fmt.Errorf("%w: the drive is too small for one", ErrNone)
	}
	t := &Table{sector: sector, sectors: size / sector, mbr: make([]byte, 512)}
	if _, err := r.ReadAt(t.mbr, 0); err != nil {
		return nil, err
	}
	var err error
	if t.primary, err = readHeader(r, 1, t.sector, t.sectors); err != nil {
		return nil, err
	}
	if t.entries, err = readEntries(r, t.primary, t.sector); err != nil {
		return nil, err
	}
	return t, t.check()
}

// check holds the partitions against the header and against each other.
func (t *Table) check() error {
	h := t.primary
	if end := h.entryLBA() + tableSectors(h, t.sector); h.entryLBA() < 2 || end > h.firstUsable() {
		return fmt.Errorf("%w: its entries lie in the space of the partitions", ErrInvalid)
	}
	parts := t.Partitions()
	for i, p := range parts {
		if p.First < h.firstUsable() || p.Last < p.First || p.Last > h.lastUsable() {
			return fmt.Errorf("%w: partition %d leaves the usable space", ErrInvalid, p.Number)
		}
		for _, q := range parts[:i] {
			if p.First <= q.Last && q.First <= p.Last {
				return fmt.Errorf("%w: partitions %d and %d overlap", ErrInvalid, q.Number, p.Number)
			}
		}
	}
	return nil
}

// Verify reads both tables of a drive and reports whether they are valid, agree
// with each other, and the backup is the drive's last sector.
func Verify(r io.ReaderAt, sector, size uint64) error {
	t, err := Read(r, sector, size)
	if err != nil {
		return err
	}
	last := t.sectors - 1
	if t.primary.alternate() != last {
		return fmt.Errorf("%w: the backup is not at the drive's end", ErrInvalid)
	}
	backup, err := readHeader(r, last, t.sector, t.sectors)
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	entries, err := readEntries(r, backup, t.sector)
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	if want := t.primary.asBackup(last, t.sector); string(want) != string(backup) || string(entries) != string(t.entries) {
		return fmt.Errorf("%w: backup and primary differ", ErrInvalid)
	}
	return nil
}
