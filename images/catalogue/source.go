package catalogue

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"sync"

	"github.com/klauspost/compress/zstd"
	"github.com/lima-vm/go-qcow2reader/image"
	"github.com/lima-vm/go-qcow2reader/image/qcow2"
)

// source is a raw disk inside a file of one of three kinds.
type source struct {
	file *os.File
	raw  io.Reader
	// at reads the raw disk at any place; nil where that is not possible.
	at   io.ReaderAt
	size int64 // of the raw disk; 0 where it is not known beforehand
	// sum returns the hex SHA-256 of the file, after raw was read to its end.
	sum   func() (string, error)
	close func() // frees decoders; may be nil
}

// The first bytes of the kinds of file (RFC 8878 section 3.1.1; QEMU,
// docs/interop/qcow2.txt, "Header").
var (
	zstdMagic  = []byte{0x28, 0xB5, 0x2F, 0xFD}
	qcow2Magic = []byte("QFI\xfb")
)

// openSource recognises the kind of a file by its first bytes.
func openSource(path string) (*source, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	s, err := recognise(f)
	if err != nil {
		f.Close()
		return nil, err
	}
	return s, nil
}

func recognise(f *os.File) (*source, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() == 0 {
		return nil, fmt.Errorf("%w: it is not a file with something in it", ErrSource)
	}
	head := make([]byte, 4)
	if _, err := f.ReadAt(head, 0); err != nil {
		return nil, err
	}
	switch {
	case bytes.Equal(head, zstdMagic):
		return zstdSource(f)
	case bytes.Equal(head, qcow2Magic):
		return qcow2Source(f)
	}
	h := sha256.New()
	return &source{file: f, raw: io.TeeReader(f, h), at: f, size: info.Size(), sum: sumOf(h)}, nil
}

func sumOf(h hash.Hash) func() (string, error) {
	return func() (string, error) { return hex.EncodeToString(h.Sum(nil)), nil }
}

func zstdSource(f *os.File) (*source, error) {
	h := sha256.New()
	d, err := zstd.NewReader(bufio.NewReaderSize(io.TeeReader(f, h), 1<<20), zstd.WithDecoderMaxWindow(128<<20))
	if err != nil {
		return nil, err
	}
	return &source{file: f, raw: d, sum: sumOf(h), close: d.Close}, nil
}

// withZstd teaches the qcow2 library to read clusters compressed with zstd, which
// it does only for whole programs.
var withZstd = sync.OnceFunc(func() {
	qcow2.SetDecompressor(qcow2.CompressionTypeZstd, func(r io.Reader) (io.ReadCloser, error) {
		d, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1))
		if err != nil {
			return nil, err
		}
		return d.IOReadCloser(), nil
	})
})

func qcow2Source(f *os.File) (*source, error) {
	withZstd()
	if err := selfContained(f); err != nil {
		return nil, err
	}
	nothingElse := func(io.ReaderAt, image.Type) (image.Image, error) {
		return nil, errors.New("an image in an image is not read")
	}
	img, err := qcow2.Open(f, nothingElse)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSource, err)
	}
	if err := img.Readable(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSource, err)
	}
	sum := func() (string, error) {
		h := sha256.New()
		if _, err := io.Copy(h, io.NewSectionReader(f, 0, 1<<62)); err != nil {
			return "", err
		}
		return hex.EncodeToString(h.Sum(nil)), nil
	}
	return &source{file: f, raw: io.NewSectionReader(img, 0, img.Size()), at: img, size: img.Size(), sum: sum}, nil
}

// selfContained refuses a qcow2 file that names another file: as its backing file
// (bytes 8 to 15 of the header), or for its data (bit 2 of the incompatible
// features, bytes 72 to 79, in version 3). Otherwise whoever hands us an image
// could have any file of this machine packed into it.
func selfContained(f io.ReaderAt) error {
	h := make([]byte, 80)
	if _, err := f.ReadAt(h, 0); err != nil {
		return fmt.Errorf("%w: read the qcow2 header: %w", ErrSource, err)
	}
	be := binary.BigEndian
	if be.Uint64(h[8:]) != 0 {
		return fmt.Errorf("%w: the qcow2 file needs a backing file; merge them with qemu-img convert -O qcow2", ErrSource)
	}
	if be.Uint32(h[4:]) >= 3 && be.Uint64(h[72:])&4 != 0 {
		return fmt.Errorf("%w: the qcow2 file keeps its data in another file; merge them with qemu-img convert -O qcow2", ErrSource)
	}
	return nil
}

// Close frees decoder and file.
func (s *source) Close() {
	if s.close != nil {
		s.close()
	}
	s.file.Close()
}
