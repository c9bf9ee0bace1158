// Command loaders collects the boot loaders that Regain serves unchanged from
// Debian's packages (boot.Files). The packages are downloaded and unpacked, not
// installed: on a host they would set up a boot loader of its own.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"regain.example/boot"
	"regain.example/cmd/internal/debs"
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
	from, err := debs.File(work, f.Package, f.Path)
	if err != nil {
		return err
	}
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(out, f.Name), data, 0o644)
}
