package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/u-root/mkuimage/cpio"
	"github.com/u-root/mkuimage/uimage/initramfs"
)

// alwaysFile lists the modules that the agent loads at every start.
const alwaysFile = "regain.always"

// archive lays the agent out as /init, the modules below /lib/modules, their
// firmware below /lib/firmware, and the indexes by which they are found: modules.dep as depmod(8) writes it, and
// modules.alias (modules.alias(5)).
func archive(agent string, t *tree, mods map[string]selected, list []entry, fw firmware) (*initramfs.Files, error) {
	files := initramfs.NewFiles()
	base := "lib/modules/" + t.release
	// The kernel opens /dev/console for PID 1 before devtmpfs is there.
	records := []cpio.Record{
		cpio.CharDev("dev/console", 0o600, 5, 1),
		cpio.CharDev("dev/null", 0o666, 1, 3),
	}
	for _, dir := range []string{"dev", "proc", "sys", "run", "tmp"} {
		records = append(records, cpio.Directory(dir, 0o755))
	}
	init, err := os.ReadFile(agent)
	if err != nil {
		return nil, err
	}
	records = append(records, cpio.StaticFile("init", string(init), 0o755))

	var dep, alias, always strings.Builder
	for _, name := range slices.Sorted(maps.Keys(mods)) {
		m := mods[name]
		data, err := os.ReadFile(filepath.Join(t.dir, m.file))
		if err != nil {
			return nil, err
		}
		records = append(records, cpio.StaticFile(base+"/"+m.file, string(data), 0o644))
		dep.WriteString(m.file + ":")
		for _, need := range m.needs {
			dep.WriteString(" " + mods[need].file)
		}
		dep.WriteString("\n")
		for _, a := range m.aliases {
			fmt.Fprintf(&alias, "alias %s %s\n", a, name)
		}
	}
	for _, e := range list {
		if e.always {
			always.WriteString(e.module + "\n")
		}
	}
	for name, path := range fw.paths {
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		records = append(records, cpio.StaticFile(firmwareDir+"/"+name, string(data), 0o644))
	}
	for name, text := range map[string]string{
		"modules.dep": dep.String(), "modules.alias": alias.String(), alwaysFile: always.String(),
	} {
		records = append(records, cpio.StaticFile(base+"/"+name, text, 0o644))
	}
	for _, r := range records {
		if err := files.AddRecord(cpio.MakeReproducible(r)); err != nil {
			return nil, fmt.Errorf("%s: %w", r.Name, err)
		}
	}
	return files, nil
}
