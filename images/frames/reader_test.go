package frames_test

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"regain.example/images/frames"
	"regain.example/images/manifest"
)

func TestReader(t *testing.T) {
	raw := disk(3*manifest.FrameBytes + 512)
	packed, p := pack(t, raw)
	r, err := frames.NewReader(bytes.NewReader(packed), p.Frames)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if r.Size() != int64(len(raw)) {
		t.Errorf("size %d, want %d", r.Size(), len(raw))
	}
	for _, c := range []struct{ offset, length int }{
		{0, 1}, {0, len(raw)}, {manifest.FrameBytes - 1, 2}, {2 * manifest.FrameBytes, 4096}, {len(raw) - 1, 1},
	} {
		got := make([]byte, c.length)
		if n, err := r.ReadAt(got, int64(c.offset)); n != c.length || err != nil || !bytes.Equal(got, raw[c.offset:][:c.length]) {
			t.Errorf("ReadAt(%d bytes, %d) = %d, %v", c.length, c.offset, n, err)
		}
	}
	if n, err := r.ReadAt(make([]byte, 10), int64(len(raw)-4)); n != 4 || err != io.EOF {
		t.Errorf("over the end: %d, %v", n, err)
	}
	if _, err := r.ReadAt(make([]byte, 1), -1); err == nil {
		t.Error("before the beginning: no error")
	}

	packed[p.Frames[0].Length/2] ^= 1
	if _, err := r.ReadAt(make([]byte, 1), 0); !errors.Is(err, frames.ErrCorrupt) {
		t.Errorf("corrupt frame: %v", err)
	}
}
