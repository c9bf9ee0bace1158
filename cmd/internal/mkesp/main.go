// Command mkesp makes the template of the images that start the agent from a USB
// stick and by UEFI's HTTP Boot (package boot/esp): shim and Debian's signed GRUB,
// the kernel, the initramfs, and GRUB for BIOS.
//
//	mkesp -work build/loaders -boot build/boot
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"regain.example/boot/esp"
)

func main() {
	work := flag.String("work", "build/loaders", "`directory` to unpack packages in")
	boot := flag.String("boot", "build/boot", "`directory` with the kernel and the initramfs, where the image is put")
	flag.Parse()
	if err := run(*work, *boot); err != nil {
		fmt.Fprintln(os.Stderr, "mkesp:", err)
		os.Exit(1)
	}
}

func run(work, boot string) error {
	dir, err := os.MkdirTemp(boot, ".esp-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	files, err := collect(work, boot, dir)
	if err != nil {
		return err
	}
	first, core, err := bios(work, dir)
	if err != nil {
		return err
	}
	part := filepath.Join(dir, "part")
	if err := fat(part, files); err != nil {
		return err
	}
	made := filepath.Join(dir, esp.File)
	if err := assemble(made, first, core, part); err != nil {
		return err
	}
	if err := check(dir); err != nil {
		return err
	}
	if err := os.Rename(made, filepath.Join(boot, esp.File)); err != nil {
		return err
	}
	info, err := os.Stat(filepath.Join(boot, esp.File))
	if err != nil {
		return err
	}
	fmt.Printf("%-10s %5.1f MB\n", esp.File, float64(info.Size())/1e6)
	return nil
}

// check opens the image as the controller will.
func check(dir string) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	t, err := esp.Open(root)
	if err != nil {
		return err
	}
	return t.Close()
}
