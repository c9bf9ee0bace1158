package oracle

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

func TestFillIsWholeAndUnique(t *testing.T) {
	const size = 2*fillChunk + 3*sectorBytes
	path := filepath.Join(t.TempDir(), "a.raw")
	var steps []int64
	if err := Fill(path, size, "a", func(done int64) { steps = append(steps, done) }); err != nil {
		t.Fatal(err)
	}
	if want := []int64{fillChunk, 2 * fillChunk, size}; !slices.Equal(steps, want) {
		t.Errorf("progress %d, want %d", steps, want)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() != size {
		t.Errorf("%d bytes, want %d", info.Size(), size)
	}
	if on := info.Sys().(*syscall.Stat_t).Blocks * 512; on < size {
		t.Errorf("%d bytes on disk, want no hole in %d", on, size)
	}
	a, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, b := range [][]byte{a, filled(t, size, "b")} {
		for record := range slices.Chunk(b, RecordBytes) {
			if seen[string(record)] {
				t.Fatalf("record %x stands twice", record)
			}
			seen[string(record)] = true
		}
	}
}

// Every record has the magic, whole, once: what Scan counts on.
func TestFillAnyPieceIsRecognisable(t *testing.T) {
	b := filled(t, 4*sectorBytes, "a")
	const piece = RecordBytes + len(magic) - 1
	for off := 0; off+piece <= len(b); off++ {
		if !bytes.Contains(b[off:off+piece], []byte(magic)) {
			t.Fatalf("%d bytes from %d hold no magic", piece, off)
		}
	}
}

func TestMagic(t *testing.T) {
	if len(magic) != 16 {
		t.Errorf("magic of %d bytes, want 16", len(magic))
	}
	for n := 1; n < len(magic); n++ {
		if strings.HasSuffix(magic, magic[:n]) {
			t.Errorf("two finds can overlap by %d bytes", n)
		}
	}
}

// The first outputs of Vigna's splitmix64.c, seed 1234567, as they are published
// with many ports of it (for one: Rosetta Code, "Pseudo-random numbers/Splitmix64").
func TestScramble(t *testing.T) {
	const seed, step = uint64(1234567), uint64(0x9e3779b97f4a7c15)
	want := []uint64{6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821}
	for i, w := range want {
		if got := scramble(seed + uint64(i)*step); got != w {
			t.Errorf("output %d is %d, want %d", i, got, w)
		}
	}
}

func TestFillRefuses(t *testing.T) {
	dir := t.TempDir()
	for _, size := range []int64{-512, 0, 511, 513} {
		mustFail(t, Fill(filepath.Join(dir, "new.raw"), size, "a", nil), "multiple of 512")
	}
	old := write(t, []byte("keep me"))
	mustFail(t, Fill(old, 512, "a", nil), "exists")
	if b, err := os.ReadFile(old); err != nil || string(b) != "keep me" {
		t.Errorf("the existing file is now %q, %v", b, err)
	}
}

// A drive that did not fit is not left behind half full.
func TestFillRemovesWhatFailed(t *testing.T) {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
			t.Error(err)
		}
	})
	small := syscall.Rlimit{Cur: fillChunk, Max: limit.Max}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &small); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "a.raw")
	mustFail(t, Fill(path, 2*fillChunk, "a", nil), "file too large")
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("the file is still there: %v", err)
	}
}
