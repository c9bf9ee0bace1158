package oracle

import (
	"bytes"
	"testing"
)

const benchBytes = 64 << 20

// repeated is a drive that holds one MiB over and over.
type repeated struct{ piece []byte }

func (r repeated) ReadAt(p []byte, off int64) (int, error) { return copy(p, r.piece), nil }

func BenchmarkRecords(b *testing.B) {
	w, chunk := newWriter("a"), make([]byte, fillChunk)
	b.SetBytes(fillChunk)
	for b.Loop() {
		w.fill(chunk, 0)
	}
}

func BenchmarkScan(b *testing.B) {
	old := make([]byte, 1<<20)
	newWriter("a").fill(old, 0)
	for name, piece := range map[string][]byte{
		"random": random(1 << 20), "zeros": make([]byte, 1<<20), "old": old,
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(benchBytes)
			for b.Loop() {
				if _, err := scan(repeated{piece}, benchBytes); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkScanFile(b *testing.B) {
	path := write(b, random(benchBytes))
	b.SetBytes(benchBytes)
	for b.Loop() {
		if _, err := Scan(path); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCompare(b *testing.B) {
	image := random(benchBytes)
	path := write(b, image)
	b.SetBytes(benchBytes)
	for b.Loop() {
		if d, err := Compare(path, bytes.NewReader(image), benchBytes, nil); err != nil || !d.Equal() {
			b.Fatal(d, err)
		}
	}
}
