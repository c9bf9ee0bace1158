package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// tree is the directory of one kernel's modules.
type tree struct {
	dir     string            // ".../lib/modules/RELEASE"
	release string            // "6.1.0-56-amd64"
	files   map[string]string // canonical name -> path below dir
	builtin map[string]bool   // canonical names of what the kernel holds itself
}

// openTree finds the only kernel below root, an unpacked linux-image package.
func openTree(root string) (*tree, error) {
	var dirs []string
	for _, lib := range []string{"lib/modules", "usr/lib/modules"} {
		found, err := filepath.Glob(filepath.Join(root, lib, "*"))
		if err != nil {
			return nil, err
		}
		dirs = append(dirs, found...)
	}
	if len(dirs) != 1 {
		return nil, fmt.Errorf("%s holds %d kernels, not one: unpack one linux-image package there", root, len(dirs))
	}
	t := &tree{
		dir: dirs[0], release: filepath.Base(dirs[0]),
		files: map[string]string{}, builtin: map[string]bool{},
	}
	err := filepath.WalkDir(filepath.Join(t.dir, "kernel"), func(path string, d fs.DirEntry, err error) error {
		if name, ok := strings.CutSuffix(d.Name(), ".ko"); ok && err == nil {
			rel, _ := filepath.Rel(t.dir, path)
			t.files[canonical(name)] = rel
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(t.files) == 0 {
		return nil, fmt.Errorf("%s holds no module ending in .ko: compressed modules are to be decompressed first", t.dir)
	}
	names, err := os.ReadFile(filepath.Join(t.dir, "modules.builtin"))
	if err != nil {
		return nil, err
	}
	for line := range strings.FieldsSeq(string(names)) {
		if err := allowed(line); err != nil {
			return nil, fmt.Errorf("built into the kernel: %w", err)
		}
		t.builtin[canonical(strings.TrimSuffix(filepath.Base(line), ".ko"))] = true
	}
	return t, nil
}

// selected is one module of the initramfs.
type selected struct {
	file    string   // below the tree's dir
	needs   []string // canonical names, all of them selected too
	aliases []string

	firmware []string // names of the files that it may ask for
}

var errNoModule = errors.New("the kernel has no such module")

// pick returns the listed modules and all that they need.
func (t *tree) pick(list []entry) (map[string]selected, error) {
	out := map[string]selected{}
	before := map[string][]string{}
	for _, e := range list {
		before[e.module] = e.before
	}
	var add func(name string) error
	add = func(name string) error {
		if _, ok := out[name]; ok || t.builtin[name] {
			return nil
		}
		file, ok := t.files[name]
		if !ok {
			return fmt.Errorf("module %s: %w", name, errNoModule)
		}
		if err := allowed(file); err != nil {
			return err
		}
		info, err := readModinfo(filepath.Join(t.dir, file))
		if err != nil {
			return err
		}
		s := selected{file: file, aliases: info.aliases, firmware: info.firmware}
		out[name] = s
		// A softdep may name an alias or a module that this kernel does not
		// have ("pre: crct10dif"): the module works without it, more slowly.
		pre := slices.DeleteFunc(info.pre, func(m string) bool { return t.files[m] == "" })
		needs := slices.Concat(info.depends, before[name], pre)
		for _, need := range needs {
			if err := add(need); err != nil {
				return fmt.Errorf("needed by %s: %w", name, err)
			}
		}
		s.needs = slices.DeleteFunc(needs, func(m string) bool { return t.builtin[m] })
		out[name] = s
		return nil
	}
	for _, e := range list {
		if err := add(e.module); err != nil {
			return nil, err
		}
	}
	return out, nil
}
