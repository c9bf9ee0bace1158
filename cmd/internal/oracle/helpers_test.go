package oracle

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

// random is what a wiped drive may hold: size bytes without any old data.
func random(size int) []byte {
	b := make([]byte, size)
	rand.NewChaCha8([32]byte{1}).Read(b)
	return b
}

func write(t testing.TB, b []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "drive.raw")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// filled returns the bytes of a drive that Fill made.
func filled(t testing.TB, size int64, tag string) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "old.raw")
	if err := Fill(path, size, tag, nil); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// with returns a copy of b in which piece stands at off.
func with(b []byte, off int, piece []byte) []byte {
	b = bytes.Clone(b)
	if n := copy(b[off:], piece); n < len(piece) {
		panic("the piece does not fit")
	}
	return b
}

// mustFail fails the test unless err is an error that holds part.
func mustFail(t *testing.T, err error, part string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one with %q", part)
	}
	if !bytes.Contains([]byte(err.Error()), []byte(part)) {
		t.Errorf("error %q, want one with %q", err, part)
	}
}
