package install

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"

	"github.com/klauspost/compress/zstd"

	"regain.example/agent/drive"
	"regain.example/images/manifest"
)

// loader brings frames from the server into memory, one at a time, checked. Each
// worker has its own; its two buffers are all the memory that frames take.
type loader struct {
	src     *source
	m       manifest.Manifest
	fetched *atomic.Uint64 // compressed bytes, whatever became of them
	dec     *zstd.Decoder
	packed  []byte
	raw     []byte
}

func newLoader(src *source, m manifest.Manifest, fetched *atomic.Uint64) (*loader, error) {
	// The window is bounded by the frame: a frame cannot ask for more memory.
	// Its own checksum is weaker than the manifest's and not computed.
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
		zstd.WithDecoderMaxMemory(manifest.FrameBytes), zstd.WithDecodeAllCapLimit(true),
		zstd.WithDecoderMaxWindow(2*manifest.FrameBytes), zstd.IgnoreChecksum(true))
	if err != nil {
		return nil, fmt.Errorf("make a decoder: %w", err)
	}
	return &loader{src, m, fetched, dec, nil, drive.Buffer(manifest.FrameBytes)}, nil
}

// load hands the frames from first to before end to use, in order, each as soon
// as it is whole and its hash is the manifest's. Raw is valid during the call
// only. What fails on the way is fetched again; see backoff.
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
		for ; first+done < end; done++ {
			raw, err := l.frame(body, l.m.Frames[first+done])
			if err != nil {
				return err
			}
			if err := use(first+done, raw); err != nil {
				return err
			}
		}
		return nil
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

// frame reads, decompresses and checks one frame.
func (l *loader) frame(body io.Reader, f manifest.Frame) ([]byte, error) {
	if cap(l.packed) < int(f.Length) {
		l.packed = make([]byte, f.Length+f.Length/8) // Open bounds Length
	}
	packed := l.packed[:f.Length]
	n, err := io.ReadFull(body, packed)
	l.fetched.Add(uint64(n))
	if err != nil {
		return nil, fmt.Errorf("the connection broke: %w", err)
	}
	raw, err := l.dec.DecodeAll(packed, l.raw[:0:f.Raw])
	if err != nil {
		return nil, fmt.Errorf("%w: it cannot be decompressed: %w", errReply, err)
	}
	if len(raw) != int(f.Raw) || !hashed(raw, f) {
		return nil, fmt.Errorf("%w: its content is not that of the manifest", errReply)
	}
	return raw, nil
}

// hashed reports whether raw has the frame's hash.
func hashed(raw []byte, f manifest.Frame) bool {
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:]) == f.SHA256
}
