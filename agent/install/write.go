package install

import (
	"context"
	"io"
	"sync/atomic"

	"regain.example/agent/api"
	"regain.example/agent/drive"
	"regain.example/agent/sha8"
	"regain.example/images/manifest"
)

// writer puts frames on the drive and counts them.
type writer struct {
	dev      drive.Device
	m        manifest.Manifest
	progress *phase
	zeros    []byte // shared by all workers, never written to

	frames  atomic.Int64
	written atomic.Uint64
	fetched atomic.Uint64
}

// write brings the image onto the drive. It does not take the drive's word for
// it: see check.
func write(ctx context.Context, job Job, dev drive.Device, src *source, m manifest.Manifest, ev *api.InstallEvidence) error {
	w := &writer{dev: dev, m: m, zeros: drive.Buffer(manifest.FrameBytes)}
	work, skipped, skippedBytes := spans(m.Frames, job.ZeroRead)
	w.progress = begin(job, api.PhaseInstall, m.RawBytes)
	w.progress.add(skippedBytes)
	hash := sha8.Fastest()
	err := parallel(ctx, len(work), func() (task, error) {
		l, err := newLoader(src, m, hash, &w.fetched)
		return func(ctx context.Context, i int) error { return w.span(ctx, l, work[i]) }, err
	})
	if err == nil {
		err = flush(dev)
		ev.Flushed = err == nil
	}
	ev.FramesWritten, ev.FramesSkipped = int(w.frames.Load()), skipped
	ev.BytesWritten, ev.BytesFetched = w.written.Load(), w.fetched.Load()
	ev.WriteMillis = w.progress.end().Milliseconds()
	return err
}

// span writes one row of frames.
func (w *writer) span(ctx context.Context, l *loader, s span) error {
	if !s.zero {
		return l.load(ctx, s.first, s.end, w.store)
	}
	for i := s.first; i < s.end; i++ {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err := w.store(i, w.zeros[:w.m.Frames[i].Raw]); err != nil {
			return err
		}
	}
	return nil
}

// store writes the raw bytes of frame i, which were checked before.
func (w *writer) store(i int, raw []byte) error {
	if err := put(w.dev, raw, int64(i)*manifest.FrameBytes); err != nil {
		return err
	}
	w.frames.Add(1)
	w.written.Add(uint64(len(raw)))
	w.progress.add(uint64(len(raw)))
	return nil
}

// put writes all of p or fails.
func put(dev drive.Device, p []byte, off int64) error {
	n, err := dev.WriteAt(p, off)
	if err == nil && n < len(p) {
		err = io.ErrShortWrite
	}
	if err != nil {
		return &DriveError{Op: "write", Offset: off, Err: err}
	}
	return nil
}

// fill reads all of p or fails. An end of file that comes with all of p is none
// (io.ReaderAt); any other error counts, however much was read.
func fill(dev drive.Device, p []byte, off int64) error {
	n, err := dev.ReadAt(p, off)
	if n == len(p) && (err == nil || err == io.EOF) {
		return nil
	}
	if err == nil {
		err = io.ErrUnexpectedEOF
	}
	return &DriveError{Op: "read", Offset: off, Err: err}
}

func flush(dev drive.Device) error {
	if err := dev.Flush(); err != nil {
		return &DriveError{Op: "flush", Err: err}
	}
	return nil
}
