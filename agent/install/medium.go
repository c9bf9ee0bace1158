package install

import (
	"bytes"
	"context"

	"regain.example/agent/api"
	"regain.example/agent/drive"
)

// chunk is the most that a medium reads or writes at once.
const chunk = 4 << 20

// medium reads and changes any run of bytes of a device that knows whole sectors
// only, and keeps a record of the changes.
type medium struct {
	dev     drive.Device
	changes []change
}

// change is a range that was changed on purpose: head, then zeros.
type change struct {
	api.Personalised
	head []byte
}

// part returns n bytes of the changed range, from offset at within it.
func (c change) part(at, n uint64) []byte {
	b := make([]byte, n)
	if at < uint64(len(c.head)) {
		copy(b, c.head[at:])
	}
	return b
}

// each calls do for every chunk of the changed range.
func (c change) each(ctx context.Context, do func(off int64, want []byte) error) error {
	for at := uint64(0); at < c.Length; at += chunk {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err := do(int64(c.Offset+at), c.part(at, min(chunk, c.Length-at))); err != nil {
			return err
		}
	}
	return nil
}

// window is the row of whole sectors around n bytes at off.
func (m *medium) window(off int64, n int) (from int64, buf []byte) {
	s := int64(m.dev.LogicalSector())
	from = off / s * s
	to := (off + int64(n) + s - 1) / s * s
	return from, drive.Buffer(int(to - from))
}

// ReadAt implements io.ReaderAt.
func (m *medium) ReadAt(p []byte, off int64) (int, error) {
	from, buf := m.window(off, len(p))
	if err := fill(m.dev, buf, from); err != nil {
		return 0, err
	}
	return copy(p, buf[off-from:]), nil
}

// change writes head and then zeros over r and records why. The other bytes of
// the sectors at its ends are put back as they were.
func (m *medium) change(ctx context.Context, r api.Range, head []byte, why string) error {
	c := change{api.Personalised{Range: r, Why: why}, bytes.Clone(head)}
	m.changes = append(m.changes, c) // also if the write fails half-way
	return c.each(ctx, func(off int64, want []byte) error {
		from, buf := m.window(off, len(want))
		if len(buf) != len(want) {
			if err := fill(m.dev, buf, from); err != nil {
				return err
			}
		}
		copy(buf[off-from:], want)
		return put(m.dev, buf, from)
	})
}

// verify reads every change back and compares it.
func (m *medium) verify(ctx context.Context) error {
	for _, c := range m.changes {
		err := c.each(ctx, func(off int64, want []byte) error {
			got := make([]byte, len(want))
			if _, err := m.ReadAt(got, off); err != nil {
				return err
			}
			if !bytes.Equal(got, want) {
				return refuse(ErrMismatch, "the drive does not hold what was written to it (%s, at byte %d): replace it", c.Why, off)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
