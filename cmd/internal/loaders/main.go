// Command loaders collects the boot loaders that Regain serves unchanged from
// Debian's packages (boot.Files). The packages are downloaded and unpacked, not
// installed: on a host they would set up a boot loader of its own.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"regain.example/boot"
)

func main() {
	work := flag.String("work", "build/loaders", "`directory` to unpack packages in")
	out := flag.String("out", "build/boot", "`directory` to put the loaders in")
	flag.Parse()
	for _, f := range boot.Files() {
		if err := collect(f, *work, *out); err != nil {
			fmt.Fprintln(os.Stderr, "loaders:", err)
			os.Exit(1)
		}
	}
}

func collect(f boot.File, work, out string) error {
	data, err := os.ReadFile(filepath.Join(work, f.Package, f.Path))
	if os.IsNotExist(err) {
		if err := unpack(f.Package, work); err != nil {
			return err
		}
		data, err = os.ReadFile(filepath.Join(work, f.Package, f.Path))
	}
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(out, f.Name), data, 0o644)
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
	debs, err := filepath.Glob(filepath.Join(dir, "*.deb"))
	if err != nil || len(debs) != 1 {
		return fmt.Errorf("download %s: %d packages came", name, len(debs))
	}
	cmd := exec.Command("dpkg-deb", "-x", debs[0], filepath.Join(work, name))
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("unpack %s: %w", name, err)
	}
	return nil
}
