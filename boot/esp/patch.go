package esp

import (
	"io"
)

// patch is bytes that take the place of the template's.
type patch struct {
	at   int64
	data []byte
}

// overlay reads the template with patches, which do not overlap.
type overlay struct {
	under   io.ReaderAt
	patches []patch
}

func (t *Template) patched(patches ...patch) io.ReadSeeker {
	return io.NewSectionReader(overlay{t.file, patches}, 0, t.size)
}

// ReadAt implements io.ReaderAt.
func (o overlay) ReadAt(b []byte, off int64) (int, error) {
	n, err := o.under.ReadAt(b, off)
	for _, p := range o.patches {
		from, to := max(off, p.at), min(off+int64(n), p.at+int64(len(p.data)))
		if from < to {
			copy(b[from-off:to-off], p.data[from-p.at:])
		}
	}
	return n, err
}
