package oracle

import (
	"bytes"
	"encoding/binary"
	"os/exec"
	"testing"
)

const frameBytes = 1 << 20

// packed is raw as stock zstd compresses it, in frames of 1 MiB, and the seek table
// of them all. Only the first frames, as many as written says, are in the stream.
func packed(t *testing.T, raw []byte, written int, checksums bool) []byte {
	t.Helper()
	var stream, entries bytes.Buffer
	frames := 0
	for off := 0; off < len(raw); off += frameBytes {
		piece := raw[off:min(off+frameBytes, len(raw))]
		cmd := exec.Command("zstd", "-q", "-1", "-c")
		cmd.Stdin = bytes.NewReader(piece)
		frame, err := cmd.Output()
		if err != nil {
			t.Fatalf("zstd: %v", err)
		}
		if frames < written {
			stream.Write(frame)
		}
		entry := []uint32{uint32(len(frame)), uint32(len(piece))}
		if checksums {
			entry = append(entry, 0)
		}
		if err := binary.Write(&entries, binary.LittleEndian, entry); err != nil {
			t.Fatal(err)
		}
		frames++
	}
	out := stream.Bytes()
	out = binary.LittleEndian.AppendUint32(out, 0x184D2A5E)
	out = binary.LittleEndian.AppendUint32(out, uint32(entries.Len()+9))
	out = append(out, entries.Bytes()...)
	out = binary.LittleEndian.AppendUint32(out, uint32(frames))
	out = append(out, map[bool]byte{true: 0x80}[checksums])
	return binary.LittleEndian.AppendUint32(out, 0x8F92EAB1)
}

func TestCompareZstd(t *testing.T) {
	raw := append(random(frameBytes+5), make([]byte, frameBytes)...)
	for _, checksums := range []bool{false, true} {
		img := write(t, packed(t, raw, 3, checksums))
		d, err := CompareZstd(write(t, raw), img, nil)
		if err != nil || !d.Equal() || d.RawBytes != int64(len(raw)) || d.Compared != d.RawBytes {
			t.Errorf("checksums %v: %+v, %v", checksums, d, err)
		}
		drive := write(t, with(raw, len(raw)-1, []byte{4}))
		d, err = CompareZstd(drive, img, nil)
		if err != nil || d.Differing != 1 || d.First[0] != (Range{int64(len(raw)) - 1, 1}) {
			t.Errorf("one bit: %+v, %v", d, err)
		}
		d, err = CompareZstd(drive, img, d.First)
		if err != nil || !d.Equal() || d.Compared != int64(len(raw))-1 {
			t.Errorf("one bit, excepted: %+v, %v", d, err)
		}
	}
}

func TestCompareZstdErrors(t *testing.T) {
	raw := random(3 * frameBytes)
	drive, good := write(t, raw), packed(t, raw, 3, false)
	footer := len(good) - 9
	for name, c := range map[string]struct {
		img  []byte
		part string
	}{
		"empty":                   {nil, "seek table"},
		"5 bytes":                 {good[len(good)-5:], "seek table"},
		"no table":                {good[:len(good)-50], "cut short"},
		"a frame is missing":      {packed(t, raw, 2, false), "read the image"},
		"a bit of a frame":        {with(good, 1000, []byte{good[1000] ^ 1}), "read the image"},
		"too many frames":         {with(good, footer, []byte{255, 255, 255, 255}), "do not fit"},
		"frames past the start":   {with(good, footer, []byte{0, 0, 128, 0}), "do not fit"},
		"no skippable frame":      {with(good, footer-24-8, []byte{0}), "does not match"},
		"one frame more":          {with(good, footer, []byte{4}), "does not match"},
		"table's size wrong":      {with(good, footer-24-4, []byte{1}), "does not match"},
		"table promises too much": {with(good, footer-2, []byte{0x11}), "read the image"},
		"table promises too few":  {with(good, footer-2, []byte{0x0f}), "longer"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := CompareZstd(drive, write(t, c.img), nil)
			mustFail(t, err, c.part)
		})
	}
}

func FuzzRawSize(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{0x5E, 0x2A, 0x4D, 0x18, 17, 0, 0, 0, 9, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0xB1, 0xEA, 0x92, 0x8F})
	f.Fuzz(func(t *testing.T, b []byte) {
		raw, err := rawSize(bytes.NewReader(b), int64(len(b)))
		if raw < 0 || err != nil && raw != 0 {
			t.Errorf("%d bytes, %v", raw, err)
		}
	})
}
