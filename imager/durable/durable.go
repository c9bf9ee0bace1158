// Package durable writes small files that outlive a power cut.
package durable

import (
	"errors"
	"os"
	"path/filepath"
)

// PartSuffix ends the name of a file that is not whole yet. A killed process may
// leave one behind.
const PartSuffix = ".part"

// Write puts a file with this content in place, mode 0600, whole or not at all.
// When it returns nil, content and name are on the disk.
func Write(file string, text []byte) error {
	f, err := os.CreateTemp(filepath.Dir(file), filepath.Base(file)+".*"+PartSuffix) // mode 0600
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), file)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return SyncDir(filepath.Dir(file))
}

// SyncDir brings a directory's names to the disk.
func SyncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
