package main

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// firmwareDir is where the kernel looks for firmware (drivers/base/firmware_loader
// /main.c, fw_path).
const firmwareDir = "lib/firmware"

// firmware is what the picked modules ask for.
type firmware struct {
	paths    map[string]string   // name as modules say it -> file on this host
	packages []string            // "firmware-realtek 20230210-5", of the directory
	missing  map[string][]string // module -> names that the directory has not
}

// pickFirmware looks in root for the firmware that modules name. Root is what
// fetch-firmware.sh makes: Debian's packages unpacked, and their names and
// versions in "list". Firmware that is not there is told, and no error: most
// devices run without it, with less.
func pickFirmware(root string, mods map[string]selected) (firmware, error) {
	fw := firmware{paths: map[string]string{}, missing: map[string][]string{}}
	var err error
	if fw.packages, err = lines(filepath.Join(root, "list")); err != nil {
		return fw, err
	}
	for _, module := range slices.Sorted(maps.Keys(mods)) {
		for _, name := range mods[module].firmware {
			if !filepath.IsLocal(name) {
				return fw, fmt.Errorf("module %s asks for firmware %q: no path below %s", module, name, firmwareDir)
			}
			path := filepath.Join(root, firmwareDir, name)
			switch _, err := os.Stat(path); {
			case errors.Is(err, fs.ErrNotExist):
				fw.missing[module] = append(fw.missing[module], name)
			case err != nil:
				return fw, err
			default:
				fw.paths[name] = path
			}
		}
	}
	return fw, nil
}

// lines reads a file of one word or more a line; none if there is no such file.
func lines(path string) ([]string, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var out []string
	scan := bufio.NewScanner(f)
	for scan.Scan() {
		if line := strings.TrimSpace(scan.Text()); line != "" {
			out = append(out, line)
		}
	}
	return out, scan.Err()
}

// tell says what is there and, in as many words as it takes, what is not.
func (fw firmware) tell() string {
	var b strings.Builder
	fmt.Fprintf(&b, "firmware   %d files of %s\n", len(fw.paths), strings.Join(fw.packages, ", "))
	for _, module := range slices.Sorted(maps.Keys(fw.missing)) {
		fmt.Fprintf(&b, "firmware MISSING for %s: %s\n", module, strings.Join(fw.missing[module], " "))
	}
	return b.String()
}

// copyNotes puts the licences of the firmware, as Debian's packages carry them,
// beside what machines boot: the initramfs may be passed on with them only.
func copyNotes(root, to string) error {
	if err := os.RemoveAll(to); err != nil {
		return err
	}
	notes := filepath.Join(root, "licences")
	if _, err := os.Stat(notes); errors.Is(err, fs.ErrNotExist) {
		return nil // there is no firmware
	}
	return os.CopyFS(to, os.DirFS(notes))
}
