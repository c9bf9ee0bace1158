package frames

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"runtime"

	"github.com/klauspost/compress/zstd"
	"golang.org/x/sync/errgroup"

	"regain.example/images/manifest"
)

// Packed is what Pack wrote.
type Packed struct {
	Frames          []manifest.Frame
	RawBytes        uint64
	RawSHA256       string // of the whole raw disk, hex
	CompressedBytes uint64
}

// block is one frame under way.
type block struct {
	buffer []byte // of manifest.FrameBytes
	raw    []byte // what was read into buffer
	packed []byte
	sum    [sha256.Size]byte
	zero   bool
	done   chan struct{}
}

// Pack compresses the raw disk r into w, on all processors, and calls progress
// (which may be nil) with the raw bytes done so far. The output depends on the
// input alone. An empty disk is refused.
func Pack(ctx context.Context, w io.Writer, r io.Reader, progress func(raw uint64)) (Packed, error) {
	workers := runtime.GOMAXPROCS(0)
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedBetterCompression),
		zstd.WithEncoderConcurrency(workers), zstd.WithEncoderCRC(true))
	if err != nil {
		return Packed{}, fmt.Errorf("prepare compression: %w", err)
	}
	// Memory is bounded by the number of blocks: a reader that is ahead
	// waits until one is free again.
	free := make(chan *block, workers+2)
	for range cap(free) {
		free <- &block{buffer: make([]byte, manifest.FrameBytes), done: make(chan struct{}, 1)}
	}
	queue := make(chan *block, cap(free))
	out := &emitter{w: w, disk: sha256.New(), progress: progress}

	g, working := errgroup.WithContext(ctx)
	g.Go(func() error {
		defer close(queue)
		return readBlocks(working, r, free, queue, enc)
	})
	g.Go(func() error {
		for b := range queue {
			<-b.done
			if err := out.emit(b); err != nil {
				return err
			}
			free <- b
		}
		return nil
	})
	if err := g.Wait(); err != nil {
		return Packed{}, fmt.Errorf("pack image: %w", err)
	}
	// All may have been read before it was cancelled.
	if ctx.Err() != nil {
		return Packed{}, fmt.Errorf("pack image: %w", context.Cause(ctx))
	}
	return out.finish()
}

// readBlocks cuts r into blocks, has each compressed in the background and
// queues them in their order.
func readBlocks(ctx context.Context, r io.Reader, free <-chan *block, queue chan<- *block, enc *zstd.Encoder) error {
	for {
		var b *block
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case b = <-free:
		}
		n, err := readBlock(r, b.buffer)
		if err != nil && err != io.EOF {
			return fmt.Errorf("read raw disk: %w", err)
		}
		if n > 0 {
			b.raw = b.buffer[:n]
			queue <- b
			go b.compress(enc)
		}
		if err != nil {
			return nil
		}
	}
}

// readBlock fills b as far as r goes. It is not io.ReadFull: that says
// io.ErrUnexpectedEOF at the end of the disk, and so does a decompressor whose file
// is cut short.
func readBlock(r io.Reader, b []byte) (n int, err error) {
	for n < len(b) && err == nil {
		var m int
		m, err = r.Read(b[n:])
		n += m
	}
	if n == len(b) && err == io.EOF {
		err = nil // the next call says it
	}
	return n, err
}

func (b *block) compress(enc *zstd.Encoder) {
	b.sum = sha256.Sum256(b.raw)
	b.zero = allZero(b.raw)
	b.packed = enc.EncodeAll(b.raw, b.packed[:0])
	b.done <- struct{}{}
}

// emitter writes blocks in their order and keeps the books.
type emitter struct {
	w        io.Writer
	disk     hash.Hash
	progress func(uint64)
	result   Packed
}

func (e *emitter) emit(b *block) error {
	if len(e.result.Frames) == manifest.MaxFrames {
		return fmt.Errorf("the raw disk is larger than %d GiB", manifest.MaxFrames*manifest.FrameBytes>>30)
	}
	if _, err := e.w.Write(b.packed); err != nil {
		return err
	}
	e.disk.Write(b.raw)
	e.result.Frames = append(e.result.Frames, manifest.Frame{
		Offset: e.result.CompressedBytes,
		Length: uint32(len(b.packed)),
		Raw:    uint32(len(b.raw)),
		SHA256: hex.EncodeToString(b.sum[:]),
		Zero:   b.zero,
	})
	e.result.CompressedBytes += uint64(len(b.packed))
	e.result.RawBytes += uint64(len(b.raw))
	if e.progress != nil {
		e.progress(e.result.RawBytes)
	}
	return nil
}

func (e *emitter) finish() (Packed, error) {
	if e.result.RawBytes == 0 {
		return Packed{}, errors.New("pack image: the raw disk is empty")
	}
	table := seekTable(e.result.Frames)
	if _, err := e.w.Write(table); err != nil {
		return Packed{}, fmt.Errorf("pack image: write seek table: %w", err)
	}
	e.result.CompressedBytes += uint64(len(table))
	e.result.RawSHA256 = hex.EncodeToString(e.disk.Sum(nil))
	return e.result, nil
}
