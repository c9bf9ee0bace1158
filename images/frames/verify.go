package frames

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"runtime"

	"golang.org/x/sync/errgroup"

	"regain.example/images/manifest"
)

// Verify holds a file of size bytes against its manifest: its length, its seek
// table, and every frame's size and SHA-256. It reports every frame that is
// wrong, not only the first, and calls progress (which may be nil) with the
// number of frames done. Errors wrap ErrTruncated, ErrNoSeekTable or ErrCorrupt.
func Verify(ctx context.Context, r io.ReaderAt, size int64, m manifest.Manifest, progress func(done int)) error {
	if uint64(size) < m.CompressedBytes {
		return fmt.Errorf("%w: %d bytes, the manifest says %d", ErrTruncated, size, m.CompressedBytes)
	}
	if uint64(size) > m.CompressedBytes {
		return fmt.Errorf("%w: %d bytes, the manifest says %d", ErrCorrupt, size, m.CompressedBytes)
	}
	table, err := Table(r, size)
	if err != nil {
		return err
	}
	if len(table) != len(m.Frames) {
		return fmt.Errorf("%w: the seek table has %d frames, the manifest %d", ErrCorrupt, len(table), len(m.Frames))
	}
	var wrong []error
	sums, err := Sums(ctx, r, m.Frames, progress)
	if err != nil {
		return err
	}
	for i, got := range sums {
		want := m.Frames[i]
		switch {
		case got.Err != nil:
			wrong = append(wrong, fmt.Errorf("frame %d of %d, at byte %d: %w", i, len(sums), want.Offset, got.Err))
		case got.Frame != want:
			wrong = append(wrong, fmt.Errorf("frame %d of %d, at byte %d: %w: it is not the one that the manifest names", i, len(sums), want.Offset, ErrCorrupt))
		case table[i].Offset != want.Offset || table[i].Length != want.Length || table[i].Raw != want.Raw:
			wrong = append(wrong, fmt.Errorf("frame %d of %d: %w: the seek table does not agree with the manifest", i, len(sums), ErrCorrupt))
		}
	}
	return errors.Join(wrong...)
}

// Sum is what a frame really holds, or why that cannot be said.
type Sum struct {
	Frame manifest.Frame // with SHA256 and Zero as computed
	Err   error
}

// Sums decompresses every frame of table and computes its hash. With Table it
// checks a file that has no manifest: each frame must decompress to its size and
// fit its own checksum. The error is of the context; those of frames are in
// their sums.
func Sums(ctx context.Context, r io.ReaderAt, table []manifest.Frame, progress func(done int)) ([]Sum, error) {
	workers := runtime.GOMAXPROCS(0)
	d, err := NewDecoder(workers)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	sums := make([]Sum, len(table))
	next, finished := make(chan int), make(chan struct{}, workers)
	g, working := errgroup.WithContext(ctx)
	g.Go(func() error {
		defer close(next)
		for i := range table {
			select {
			case <-working.Done():
				return context.Cause(working)
			case next <- i:
			}
		}
		return nil
	})
	var pool errgroup.Group
	for range workers {
		pool.Go(func() error {
			var compressed, raw []byte
			for i := range next {
				sums[i], compressed, raw = d.sum(r, table[i], compressed, raw)
				finished <- struct{}{}
			}
			return nil
		})
	}
	g.Go(func() error { defer close(finished); return pool.Wait() })
	done := 0
	for range finished {
		if done++; progress != nil {
			progress(done)
		}
	}
	if err := g.Wait(); err != nil {
		return nil, fmt.Errorf("read frames: %w", err)
	}
	// All may have been handed out before it was cancelled.
	if ctx.Err() != nil {
		return nil, fmt.Errorf("read frames: %w", context.Cause(ctx))
	}
	return sums, nil
}

// sum reads one frame; the two buffers are used again by the next.
func (d *Decoder) sum(r io.ReaderAt, f manifest.Frame, compressed, raw []byte) (Sum, []byte, []byte) {
	if f.Length > 2*manifest.FrameBytes || f.Raw > manifest.FrameBytes {
		return Sum{Err: fmt.Errorf("%w: a frame of %d bytes, %d raw", ErrCorrupt, f.Length, f.Raw)}, compressed, raw
	}
	if cap(compressed) < int(f.Length) {
		compressed = make([]byte, f.Length)
	}
	compressed = compressed[:f.Length]
	if n, err := r.ReadAt(compressed, int64(f.Offset)); n < len(compressed) {
		if err == io.EOF {
			err = ErrTruncated
		}
		return Sum{Err: err}, compressed, raw
	}
	out, err := d.expand(f, compressed, raw)
	if err != nil {
		return Sum{Err: err}, compressed, raw
	}
	hash := sha256.Sum256(out)
	f.SHA256, f.Zero = hex.EncodeToString(hash[:]), allZero(out)
	return Sum{Frame: f}, compressed, out
}
