// Package durable writes small files that outlive a power cut.
package durable

import (
	"errors"
	"os"
	"path/filepath"
)

// Replace puts data in the place of the file, mode 0600: it writes beside it,
// syncs, renames and syncs the directory, so that a power cut leaves the old
// content or the new. When it returns nil, content and name are on the disk.
func Replace(file string, data []byte) error {
	next, err := os.CreateTemp(filepath.Dir(file), filepath.Base(file)+".*")
	if err != nil {
		return err
	}
	_, err = next.Write(data)
	if err == nil {
		err = next.Sync()
	}
	if err = errors.Join(err, next.Close()); err == nil {
		err = os.Rename(next.Name(), file)
	}
	if err != nil {
		return errors.Join(err, os.Remove(next.Name()))
	}
	dir, err := os.Open(filepath.Dir(file))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
