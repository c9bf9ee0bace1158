// Package esp makes disk images that start the agent: on a USB stick, or as what
// UEFI's HTTP Boot fetches and starts from memory (UEFI 2.10 section 24.7.3).
//
// They are all one template with another GRUB configuration. The template is built
// once (cmd/internal/mkesp): a master boot record with GRUB for BIOS, and one FAT
// file system with shim, Debian's signed GRUB, the kernel and the initramfs. Its
// boot/grub/grub.cfg is a placeholder of ConfigBytes bytes that lie together, so
// that a configuration is put in its place without knowing the file system.
package esp

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
)

// File is the template's name in the boot directory.
const File = "esp.img"

// The files that a configuration may name. GRUB's root is the image's file system
// when the configuration is read.
const (
	Kernel    = "/vmlinuz"
	Initramfs = "/initramfs"
)

// ErrTooLong: a configuration is longer than ConfigBytes.
var ErrTooLong = errors.New("the GRUB configuration is too long for the image")

// ErrTemplate: the file is not a template as cmd/internal/mkesp makes it.
var ErrTemplate = errors.New("this is no boot image of Regain: make it again with \"make agent-image\"")

// Template is the image without a configuration.
type Template struct {
	file   *os.File
	size   int64
	config int64 // where the placeholder begins, in bytes
}

// Open opens the template File in root. The images made from it read the file;
// a template that is built anew takes the old one's place by a rename, which
// leaves open images whole.
func Open(root *os.Root) (*Template, error) {
	f, err := root.Open(File)
	if err != nil {
		return nil, fmt.Errorf("open the boot image: %w", err)
	}
	t, err := read(f)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("read the boot image %s: %w", f.Name(), err), f.Close())
	}
	return t, nil
}

func read(f *os.File) (*Template, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	at, err := find(f, info.Size())
	if err != nil {
		return nil, err
	}
	if err := checkLayout(f, info.Size()); err != nil {
		return nil, err
	}
	return &Template{file: f, size: info.Size(), config: at}, nil
}

// Size is that of the template and of every image made from it, in bytes.
func (t *Template) Size() int64 { return t.size }

// Close closes the file. Images made from the template cannot be read after it.
func (t *Template) Close() error { return t.file.Close() }

// With returns the image with config as GRUB's configuration. Images may be read
// at the same time.
func (t *Template) With(config string) (io.ReadSeeker, error) {
	p, err := t.configured(config)
	if err != nil {
		return nil, err
	}
	return t.patched(p), nil
}

// configured is config at its place. What is left of the place is filled with line
// feeds, which mean nothing to GRUB.
func (t *Template) configured(config string) (patch, error) {
	if len(config) > ConfigBytes {
		return patch{}, fmt.Errorf("%w: it has %d bytes, and there is room for %d", ErrTooLong, len(config), ConfigBytes)
	}
	data := bytes.Repeat([]byte{'\n'}, ConfigBytes)
	copy(data, config)
	return patch{at: t.config, data: data}, nil
}
