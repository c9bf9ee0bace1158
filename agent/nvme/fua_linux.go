package nvme

import (
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"

	"regain.example/agent/api"
)

// ErrNoFUA means that a namespace cannot be read past the cache of its drive.
var ErrNoFUA = errors.New("the drive cannot be read past its own cache")

const (
	opcodeRead = 0x02    // NVM section 3.2.4
	readFUA    = 1 << 30 // CDW12, Force Unit Access: read from the medium itself
	// fuaChunk is the most that is asked for at once, in bytes.
	fuaChunk = 128 << 10
)

// FUAReader reads a namespace from its medium, past the cache of the drive, by
// the Read command of the NVM command set with Force Unit Access (NVM section
// 3.2.4).
type FUAReader struct {
	f      *os.File
	nsid   uint32
	sector int64
	chunk  int
}

// NewFUAReader returns a reader of the namespace whose block device f is. most
// is the largest transfer in bytes that the kernel lets through; 0 if that is
// not known. A namespace with metadata or protection information has transfers
// of another form: for it the error is ErrNoFUA, as it is for one that did not
// answer Identify.
func NewFUAReader(f *os.File, n api.NVMe, most int) (*FUAReader, error) {
	const protectionType = 7 // DPS bits 2:0
	if n.LBADataSize == 0 || n.Metadata != 0 || n.Protection&protectionType != 0 {
		return nil, fmt.Errorf("read namespace %d with FUA: %w: %d bytes of metadata, protection %#x",
			n.NSID, ErrNoFUA, n.Metadata, n.Protection)
	}
	sector := int(n.LBADataSize)
	chunk := fuaChunk
	if most > 0 {
		chunk = min(chunk, most)
	}
	return &FUAReader{f: f, nsid: n.NSID, sector: int64(sector), chunk: max(chunk/sector, 1) * sector}, nil
}

// ReadAt reads whole sectors, and into a buffer of drive.Buffer without a copy.
// The error is ErrNoFUA if the drive refuses the bit.
func (r *FUAReader) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 || off%r.sector != 0 || int64(len(p))%r.sector != 0 {
		return 0, fmt.Errorf("read with FUA: %d bytes at %d: %w", len(p), off, unix.EINVAL)
	}
	done := 0
	for done < len(p) {
		part := p[done:min(done+r.chunk, len(p))]
		if err := r.read(part, uint64(off+int64(done))/uint64(r.sector)); err != nil {
			return done, err
		}
		done += len(part)
	}
	return done, nil
}

func (r *FUAReader) read(p []byte, lba uint64) error {
	err := submit(r.f, ioctlIO, p, &passthru{
		opcode: opcodeRead, nsid: r.nsid,
		cdw10: uint32(lba), cdw11: uint32(lba >> 32),
		cdw12: uint32(len(p)/int(r.sector)-1) | readFUA,
	})
	var answer *StatusError
	if !errors.As(err, &answer) {
		return err
	}
	switch answer.Status {
	case StatusInvalidOpcode, StatusInvalidField:
		return fmt.Errorf("read with FUA: %w: %w", ErrNoFUA, err)
	case StatusLBARange:
		return fmt.Errorf("read with FUA: %w: %w", io.EOF, err)
	}
	return fmt.Errorf("read with FUA: %w", err)
}
