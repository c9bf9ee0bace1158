package install

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"regain.example/agent/api"
	"regain.example/agent/sha8"
	"regain.example/images/manifest"
)

func TestSpans(t *testing.T) {
	frames := make([]manifest.Frame, 20)
	for i := range frames {
		frames[i] = manifest.Frame{Raw: 1, Zero: i >= 10 && i < 13}
	}
	work, skipped, n := spans(frames, false)
	want := []span{{0, 8, false}, {8, 10, false}, {10, 13, true}, {13, 20, false}}
	if len(work) != len(want) || skipped != 0 || n != 0 {
		t.Fatalf("%v, %d skipped", work, skipped)
	}
	for i := range want {
		if work[i] != want[i] {
			t.Errorf("span %d is %v, want %v", i, work[i], want[i])
		}
	}
	work, skipped, n = spans(frames, true)
	want = []span{{0, 8, false}, {8, 10, false}, {13, 20, false}}
	if len(work) != len(want) || skipped != 3 || n != 3 {
		t.Fatalf("%v, %d skipped of %d bytes", work, skipped, n)
	}
}

// A frame that decompresses to more than its share ends the attempt and takes no
// memory: a zstd frame of 1 GiB of zeros is some 32 KiB.
func TestBomb(t *testing.T) {
	enc, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, bomb := range map[string][]byte{
		"size told":   enc.EncodeAll(make([]byte, 64<<20), nil),
		"size hidden": stream(t, 64<<20),
	} {
		t.Run(name, func(t *testing.T) {
			raw := bytes.Repeat([]byte{1}, manifest.FrameBytes)
			p := compress(raw)
			f := p.frames[0]
			f.Length = uint32(len(bomb))
			l, err := newLoader(nil, manifest.Manifest{}, sha8.Fastest(), new(atomic.Uint64))
			if err != nil {
				t.Fatal(err)
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			if _, err := l.frame(bytes.NewReader(bomb), f, make([]byte, manifest.FrameBytes)); !errors.Is(err, errReply) {
				t.Errorf("error %v", err)
			}
			runtime.ReadMemStats(&after)
			if grown := after.TotalAlloc - before.TotalAlloc; grown > 16<<20 {
				t.Errorf("took %d MiB", grown>>20)
			}
		})
	}
}

// stream packs n zeros without telling their number in the frame's header.
func stream(t *testing.T, n int64) []byte {
	var b bytes.Buffer
	enc, err := zstd.NewWriter(&b)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.CopyN(enc, zeroReader{}, n); err != nil {
		t.Fatal(err)
	}
	if err := enc.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

type zeroReader struct{}

func (zeroReader) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// nullDrive swallows writes, so that the memory that is measured is the pipeline's.
type nullDrive struct{ size int64 }

func (d nullDrive) ReadAt(p []byte, _ int64) (int, error)  { return len(p), nil }
func (d nullDrive) WriteAt(p []byte, _ int64) (int, error) { return len(p), nil }
func (d nullDrive) Flush() error                           { return nil }
func (d nullDrive) Size() int64                            { return d.size }
func (d nullDrive) LogicalSector() int                     { return 512 }
func (d nullDrive) Close() error                           { return nil }

// The pipeline keeps within 128 MiB, whatever the image's size. The server's side
// of this process is counted too.
func TestMemory(t *testing.T) {
	const limit = 128 << 20
	p := smallPacked()
	const frames = 100
	m := manifest.Manifest{Name: "big", RawBytes: frames * manifest.FrameBytes, CompressedBytes: 1 << 40}
	first := p.frames[0]
	for i := range frames {
		first.Offset = uint64(i) * uint64(first.Length)
		m.Frames = append(m.Frames, first)
	}
	one := p.body[:first.Length]
	client := &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		return rangeOf(r, one, m.CompressedBytes)
	})}
	dev := nullDrive{frames * manifest.FrameBytes}
	img := &image{m: m}
	job := jobAt(img, dev, "http://192.0.2.1")
	job.Client = client
	debug.FreeOSMemory()
	var base runtime.MemStats
	runtime.ReadMemStats(&base)
	peak := watchHeap(t)
	if err := write(context.Background(), job, dev, newSource(job), m, new(api.InstallEvidence)); err != nil {
		t.Fatal(err)
	}
	if used := int64(peak()) - int64(base.HeapInuse); used > limit {
		t.Errorf("took %d MiB, the limit is %d", used>>20, limit>>20)
	} else {
		t.Logf("took %d MiB for %d MiB of image", used>>20, frames*4)
	}
}

// watchHeap samples the heap in use until the returned function tells its peak.
func watchHeap(t *testing.T) (peak func() uint64) {
	stop, max := make(chan struct{}), make(chan uint64)
	go func() {
		var top uint64
		for {
			var s runtime.MemStats
			runtime.ReadMemStats(&s)
			if s.HeapInuse > top {
				top = s.HeapInuse
			}
			select {
			case <-stop:
				max <- top
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
	}()
	return func() uint64 { close(stop); return <-max }
}

// rangeOf answers a range request over a file that repeats one frame for ever.
func rangeOf(r *http.Request, one []byte, total uint64) (*http.Response, error) {
	var from, to uint64
	if _, err := fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-%d", &from, &to); err != nil {
		return nil, err
	}
	n := int(to-from+1) / len(one)
	var parts []io.Reader
	for range n {
		parts = append(parts, bytes.NewReader(one))
	}
	return &http.Response{StatusCode: http.StatusPartialContent, Body: io.NopCloser(io.MultiReader(parts...)),
		Header: http.Header{"Content-Range": {fmt.Sprintf("bytes %d-%d/%d", from, to, total)}}}, nil
}

// Whatever a server sends for a frame, only bytes with the manifest's hash come
// out, in the memory that was set aside for them.
func FuzzFrame(f *testing.F) {
	raw := bytes.Repeat([]byte("regain"), 1000)
	p := compress(raw)
	f.Add(p.body[:p.frames[0].Length], p.frames[0].Raw)
	f.Add([]byte("\x28\xb5\x2f\xfd\x00\x58\x00\x00\x00"), uint32(512)) // an empty frame, RFC 8878 section 3.1.1
	l, err := newLoader(nil, manifest.Manifest{}, sha8.Fastest(), new(atomic.Uint64))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte, size uint32) {
		frame := p.frames[0]
		frame.Length, frame.Raw = uint32(len(body)), size%(manifest.FrameBytes+1)
		l.m.Frames = []manifest.Frame{frame}
		row, err := l.row(bytes.NewReader(body), 0, 1)
		if err == nil && (len(row) != 1 || !bytes.Equal(row[0], raw)) {
			t.Errorf("accepted a row of %d that is not the frame's", len(row))
		}
		if len(row) > 0 && (err != nil || &row[0][0] != &l.raw[0][0]) {
			t.Error("the frame lies in memory that does not suit direct I/O")
		}
	})
}
