// Package debs fetches Debian packages and unpacks them without installing them:
// on a host, loaders would set up a boot loader of its own.
package debs

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// File returns the path of a file of a package, given as the package names it,
// below the directory work. The package is fetched if it is not there yet.
func File(work, name, path string) (string, error) {
	at := filepath.Join(work, name, path)
	if _, err := os.Stat(at); os.IsNotExist(err) {
		if err := unpack(name, work); err != nil {
			return "", err
		}
	}
	if _, err := os.Stat(at); err != nil {
		return "", fmt.Errorf("find a file of package %s: %w", name, err)
	}
	return at, nil
}

func unpack(name, work string) error {
	dir, err := os.MkdirTemp(work, name+"-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	// Without the sandbox user apt could not write to a directory of ours.
	get := exec.Command("apt-get", "-qq", "-o", "APT::Sandbox::User=root", "download", name)
	get.Dir, get.Stderr = dir, os.Stderr
	if err := get.Run(); err != nil {
		return fmt.Errorf("download %s: %w (is apt's list old? run apt-get update)", name, err)
	}
	found, err := filepath.Glob(filepath.Join(dir, "*.deb"))
	if err != nil || len(found) != 1 {
		return fmt.Errorf("download %s: %d packages came", name, len(found))
	}
	cmd := exec.Command("dpkg-deb", "-x", found[0], filepath.Join(work, name))
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("unpack %s: %w", name, err)
	}
	return nil
}
