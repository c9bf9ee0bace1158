package vbench

import (
	"io"
	"os"
	"path/filepath"
)

// share puts the master images of one state directory, and the key that signed
// them, into another, as links where the file system allows it.
func share(from, to string) error {
	files, err := filepath.Glob(filepath.Join(from, "images", "*"))
	if err != nil {
		return err
	}
	keys, err := filepath.Glob(filepath.Join(from, "image-signing.key*"))
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(to, "images"), 0o700); err != nil {
		return err
	}
	for _, f := range append(files, keys...) {
		name, err := filepath.Rel(from, f)
		if err != nil {
			return err
		}
		if err := linkOrCopy(f, filepath.Join(to, name)); err != nil {
			return err
		}
	}
	return nil
}

func linkOrCopy(from, to string) error {
	if os.Link(from, to) == nil {
		return nil
	}
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, in); err != nil {
		out.Close()
		return err
	}
	return out.Close()
}
