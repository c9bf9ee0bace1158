package install

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"

	"github.com/klauspost/compress/zstd"

	"regain.example/agent/sha8"
	"regain.example/images/manifest"
)

// loader brings rows of frames from the server into memory, checked. Each worker
// has its own; its buffers are all the memory that frames take.
type loader struct {
	src     *source
	m       manifest.Manifest
	hash    sha8.Hasher
	fetched *atomic.Uint64 // compressed bytes, whatever became of them
	dec     *zstd.Decoder
	packed  []byte
	raw     buffers
}

func newLoader(src *source, m manifest.Manifest, hash sha8.Hasher, fetched *atomic.Uint64) (*loader, error) {
	// The window is bounded by the frame: a frame cannot ask for more memory.
	// Its own checksum is weaker than the manifest's and not computed.
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
		zstd.WithDecoderMaxMemory(manifest.FrameBytes), zstd.WithDecodeAllCapLimit(true),
		zstd.WithDecoderMaxWindow(2*manifest.FrameBytes), zstd.IgnoreChecksum(true))
	if err != nil {
		return nil, fmt.Errorf("make a decoder: %w", err)
	}
	return &loader{src: src, m: m, hash: hash, fetched: fetched, dec: dec}, nil
}

// load hands the frames from first to before end to use, in order, once their
// hashes are the manifest's. Raw is valid during the call only. What fails on the
// way is fetched again; see backoff.
func (l *loader) load(ctx context.Context, first, end int, use func(i int, raw []byte) error) error {
	var b backoff
	for first < end {
		n, err := l.request(ctx, first, end, use)
		if first += n; n > 0 {
			b.reset()
		}
		if err == nil {
			continue
		}
		if err := b.wait(ctx, err); err != nil {
			return l.failed(first, err)
		}
	}
	return nil
}

// failed words the error of a frame that could not be had.
func (l *loader) failed(i int, err error) error {
	switch {
	case errors.Is(err, errStatus):
		return fmt.Errorf("frame %d of %s is %w (%w): check with \"regain image list\" that the controller has the image, then try again",
			i, l.m.Name, ErrMissing, err)
	case !errors.Is(err, errReply):
		return err
	}
	return fmt.Errorf("frame %d of %s is %w (%w): check the image with \"regain image verify\", add it again if need be, then try again",
		i, l.m.Name, ErrCorrupt, err)
}

// request asks once for the frames from first to before end, which lie one
// behind the other. It returns how many of them were used.
func (l *loader) request(ctx context.Context, first, end int, use func(int, []byte) error) (int, error) {
	from := l.m.Frames[first].Offset
	to := l.m.Frames[end-1].Offset + uint64(l.m.Frames[end-1].Length) - 1
	done := 0
	err := l.src.get(ctx, ".img.zst", fmt.Sprintf("bytes=%d-%d", from, to), func(resp *http.Response, body io.Reader) error {
		want := fmt.Sprintf("bytes %d-%d/%d", from, to, l.m.CompressedBytes)
		if err := partial(resp, want); err != nil {
			return err
		}
		row, err := l.row(body, first, end)
		for _, raw := range row {
			if err := use(first+done, raw); err != nil {
				return err
			}
			done++
		}
		return err
	})
	return done, err
}

// partial checks that the answer carries the range that was asked for, of a file
// that is as long as the manifest says (RFC 9110 section 14.4).
func partial(resp *http.Response, want string) error {
	switch got := resp.Header.Get("Content-Range"); {
	case resp.StatusCode == http.StatusOK:
		return fmt.Errorf("%w: the server sends a whole file of %d bytes, not the range asked for", errReply, resp.ContentLength)
	case resp.StatusCode == http.StatusRequestedRangeNotSatisfiable:
		return fmt.Errorf("%w: the image's file is too short", errReply)
	case resp.StatusCode != http.StatusPartialContent:
		return statusError(resp)
	case got != want:
		return fmt.Errorf("%w: the server sends %q, want %q: the file is not that of the manifest", errReply, got, want)
	}
	return nil
}

// row reads the frames from first to before end and checks them together. It
// returns those before the first that could not be had, and why that one could
// not.
func (l *loader) row(body io.Reader, first, end int) ([][]byte, error) {
	var row [][]byte
	var broken error
	for i := first; i < end && broken == nil; i++ {
		var raw []byte
		if raw, broken = l.frame(body, l.m.Frames[i], l.raw.at(i-first)); broken == nil {
			row = append(row, raw)
		}
	}
	if good := hashed(l.hash, row, l.m.Frames[first:]); good < len(row) {
		return row[:good], fmt.Errorf("%w: its content is not that of the manifest", errReply)
	}
	return row, broken
}

// frame reads one frame and decompresses it into buf.
func (l *loader) frame(body io.Reader, f manifest.Frame, buf []byte) ([]byte, error) {
	if cap(l.packed) < int(f.Length) {
		l.packed = make([]byte, f.Length+f.Length/8) // Open bounds Length
	}
	packed := l.packed[:f.Length]
	n, err := io.ReadFull(body, packed)
	l.fetched.Add(uint64(n))
	if err != nil {
		return nil, fmt.Errorf("the connection broke: %w", err)
	}
	raw, err := l.dec.DecodeAll(packed, buf[:0:f.Raw])
	if err != nil {
		return nil, fmt.Errorf("%w: it cannot be decompressed: %w", errReply, err)
	}
	if len(raw) != int(f.Raw) {
		return nil, fmt.Errorf("%w: its content is not that of the manifest", errReply)
	}
	return raw, nil
}
