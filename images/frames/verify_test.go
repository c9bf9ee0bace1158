package frames_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"regain.example/images/frames"
	"regain.example/images/manifest"
)

func TestVerifyNamesWhatIsWrong(t *testing.T) {
	good, p := pack(t, disk(5*manifest.FrameBytes+512))
	m := describe(t, p)
	third := p.Frames[3]
	for name, c := range map[string]struct {
		spoil func(b []byte) []byte
		err   error
		says  string
	}{
		"cut short":     {func(b []byte) []byte { return b[:len(b)-100] }, frames.ErrTruncated, "the manifest says"},
		"longer":        {func(b []byte) []byte { return append(b, 0) }, frames.ErrCorrupt, "the manifest says"},
		"one bit":       {func(b []byte) []byte { b[third.Offset+uint64(third.Length)/2] ^= 1; return b }, frames.ErrCorrupt, "frame 3 of 6"},
		"frames change": {swap(p.Frames[0], third), frames.ErrCorrupt, "frame 0 of 6"},
		"no seek table": {func(b []byte) []byte { b[len(b)-1] ^= 1; return b }, frames.ErrNoSeekTable, "magic"},
		"other table":   {func(b []byte) []byte { b[len(b)-9-8]++; b[len(b)-9-16]--; return b }, frames.ErrCorrupt, "seek table"},
	} {
		b := c.spoil(bytes.Clone(good))
		err := frames.Verify(context.Background(), bytes.NewReader(b), int64(len(b)), m, nil)
		if !errors.Is(err, c.err) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: error %v, want %v that says %q", name, err, c.err, c.says)
		}
	}
}

// swap exchanges two frames of noise of the same length.
func swap(a, b manifest.Frame) func([]byte) []byte {
	return func(file []byte) []byte {
		first := bytes.Clone(file[a.Offset : a.Offset+uint64(a.Length)])
		copy(file[a.Offset:], file[b.Offset:b.Offset+uint64(b.Length)])
		copy(file[b.Offset:], first)
		return file
	}
}

func TestVerifyCancelled(t *testing.T) {
	good, p := pack(t, disk(20*manifest.FrameBytes))
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := frames.Verify(ctx, bytes.NewReader(good), int64(len(good)), describe(t, p), nil); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
	// Cancelled with the last frame.
	ctx, cancel = context.WithCancel(context.Background())
	last := func(done int) {
		if done == len(p.Frames) {
			cancel()
		}
	}
	if err := frames.Verify(ctx, bytes.NewReader(good), int64(len(good)), describe(t, p), last); !errors.Is(err, context.Canceled) {
		t.Errorf("at the end: error %v, want context.Canceled", err)
	}
}

// A file without its manifest is read by its seek table alone.
func TestSumsWithoutManifest(t *testing.T) {
	good, p := pack(t, disk(5*manifest.FrameBytes+512))
	table, err := frames.Table(bytes.NewReader(good), int64(len(good)))
	if err != nil {
		t.Fatal(err)
	}
	sums, err := frames.Sums(context.Background(), bytes.NewReader(good), table, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range sums {
		if s.Err != nil || s.Frame != p.Frames[i] {
			t.Errorf("frame %d: %+v, want %+v", i, s, p.Frames[i])
		}
	}
}

func TestDecode(t *testing.T) {
	raw := disk(manifest.FrameBytes)
	good, p := pack(t, raw)
	d, err := frames.NewDecoder(1)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	f := p.Frames[0]
	got, err := d.Decode(f, good[:f.Length], nil)
	if err != nil || !bytes.Equal(got, raw) {
		t.Errorf("Decode: %v", err)
	}
	if _, err := d.Decode(f, good[:f.Length-1], nil); !errors.Is(err, frames.ErrTruncated) {
		t.Errorf("cut short: %v", err)
	}
	other := f
	other.SHA256 = strings.Repeat("0", 64)
	if _, err := d.Decode(other, good[:f.Length], nil); !errors.Is(err, frames.ErrCorrupt) {
		t.Errorf("other hash: %v", err)
	}
	// A small frame that claims to grow to 1 GiB (RFC 8878 section 3.1.1.1:
	// single segment, content size in 8 bytes) must not take that memory.
	bomb, _ := hex.DecodeString("28b52ffde0" + "0000004000000000" + "030000")
	if _, err := d.Decode(manifest.Frame{Length: uint32(len(bomb)), Raw: 512}, bomb, nil); !errors.Is(err, frames.ErrCorrupt) {
		t.Errorf("bomb: %v", err)
	}
}

// The bytes here are written down from the format's description, section "Seek
// Table Format".
func TestTable(t *testing.T) {
	plain := "5e2a4d18" + "19000000" + "0300000000100000" + "0200000000020000" + "02000000" + "00" + "b1ea928f"
	sums := "5e2a4d18" + "21000000" + "0300000000100000aaaaaaaa" + "0200000000020000bbbbbbbb" + "02000000" + "80" + "b1ea928f"
	for name, table := range map[string]string{"plain": plain, "with checksums": sums} {
		b, err := hex.DecodeString("0102030405" + table)
		if err != nil {
			t.Fatal(err)
		}
		got, err := frames.Table(bytes.NewReader(b), int64(len(b)))
		if err != nil || len(got) != 2 || got[1] != (manifest.Frame{Offset: 3, Length: 2, Raw: 512}) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	for name, table := range map[string]string{
		"empty":            "",
		"no table":         "00112233445566778899aabbccddeeff",
		"reserved bit":     strings.Replace(plain, "0200000000b1ea", "0200000004b1ea", 1),
		"too many frames":  strings.Replace(plain, "0200000000b1ea", "ffffffff00b1ea", 1),
		"no frames":        "5e2a4d18" + "09000000" + "00000000" + "00" + "b1ea928f",
		"header's length":  strings.Replace(plain, "19000000", "1a000000", 1),
		"header's magic":   strings.Replace(plain, "5e2a4d18", "5f2a4d18", 1),
		"frames too short": strings.Replace(plain, "03000000", "02000000", 1),
	} {
		b, err := hex.DecodeString("0102030405" + table)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := frames.Table(bytes.NewReader(b), int64(len(b))); !errors.Is(err, frames.ErrNoSeekTable) {
			t.Errorf("%s: %+v, %v, want ErrNoSeekTable", name, got, err)
		}
	}
}

func FuzzTable(f *testing.F) {
	b, _ := hex.DecodeString("0102035e2a4d18" + "11000000" + "0300000000100000" + "01000000" + "00" + "b1ea928f")
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		table, err := frames.Table(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return
		}
		var end uint64
		for _, fr := range table {
			if fr.Offset != end {
				t.Fatalf("frame at %d, want %d", fr.Offset, end)
			}
			end += uint64(fr.Length)
		}
		if n := binary.LittleEndian.Uint32(b[len(b)-9:]); int(n) != len(table) || end > uint64(len(b)) {
			t.Fatalf("%d frames up to byte %d of %d", len(table), end, len(b))
		}
	})
}
