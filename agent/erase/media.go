package erase

import (
	"errors"
	"io"
	"sync/atomic"

	"regain.example/agent/drive"
)

// media reads a drive's medium, past the cache of the drive itself where it lets
// itself be read so.
type media struct {
	dev     drive.Device
	any     atomic.Bool // a read has succeeded
	through atomic.Bool // one of them had to go through the cache
}

func newMedia(dev drive.Device) *media { return &media{dev: dev} }

// read fills p. A read with FUA that fails for whatever reason is tried without.
func (m *media) read(p []byte, off int64) error {
	if !m.through.Load() {
		n, err := drive.ReadFUA(m.dev, p, off)
		switch {
		case err == nil && n == len(p):
			m.any.Store(true)
			return nil
		case errors.Is(err, drive.ErrGone):
			return err
		}
	}
	err := readAll(m.dev, p, off)
	if err == nil {
		m.any.Store(true)
		m.through.Store(true)
	}
	return err
}

// fua reports whether everything that was read came past the drive's cache.
func (m *media) fua() bool { return m.any.Load() && !m.through.Load() }

func readAll(dev drive.Device, p []byte, off int64) error {
	n, err := dev.ReadAt(p, off)
	if n == len(p) && errors.Is(err, io.EOF) {
		return nil
	}
	if err == nil && n < len(p) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// onlyIfGone drops every error but that of a vanished drive.
func onlyIfGone(err error) error {
	if errors.Is(err, drive.ErrGone) {
		return err
	}
	return nil
}
