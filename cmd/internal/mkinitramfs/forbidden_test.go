package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// fakeTree is a kernel with modules of the given paths, empty files, and others
// built in.
func fakeTree(t *testing.T, modules, builtin []string) string {
	t.Helper()
	root := t.TempDir()
	dir := filepath.Join(root, "lib/modules/6.1.0-0-amd64")
	for _, m := range modules {
		write(t, filepath.Join(dir, m), "")
	}
	write(t, filepath.Join(dir, "modules.builtin"), strings.Join(builtin, "\n")+"\n")
	return root
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// What may hide a drive, or stand for one, never comes into the initramfs,
// whoever lists it or needs it.
func TestForbiddenModules(t *testing.T) {
	for name, path := range map[string]string{
		"dm_mod":       "kernel/drivers/md/dm-mod.ko",
		"md_mod":       "kernel/drivers/md/md-mod.ko",
		"raid1":        "kernel/drivers/md/raid1.ko",
		"dm_cache":     "kernel/drivers/md/dm-cache.ko",
		"bcache":       "kernel/drivers/md/bcache/bcache.ko",
		"loop":         "kernel/drivers/block/loop.ko",
		"zram":         "kernel/drivers/block/zram/zram.ko",
		"nbd":          "kernel/drivers/block/nbd.ko",
		"nvme_fabrics": "kernel/drivers/nvme/host/nvme-fabrics.ko",
		"iscsi_tcp":    "kernel/drivers/scsi/iscsi_tcp.ko",
	} {
		tree, err := openTree(fakeTree(t, []string{path}, nil))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tree.pick([]entry{{module: name}}); err == nil || !strings.Contains(err.Error(), "must never be on a bench") {
			t.Errorf("%s may be picked: %v", name, err)
		}
	}
	// A module that may come along: its file is no module here, and that is
	// the only complaint.
	tree, err := openTree(fakeTree(t, []string{"kernel/drivers/ata/ahci.ko"}, nil))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tree.pick([]entry{{module: "ahci"}}); err == nil || strings.Contains(err.Error(), "bench") {
		t.Errorf("ahci: %v", err)
	}
}

// A kernel that has md or dm built in is refused.
func TestForbiddenBuiltIn(t *testing.T) {
	_, err := openTree(fakeTree(t, []string{"kernel/drivers/ata/ahci.ko"}, []string{"kernel/drivers/md/md-mod.ko"}))
	if err == nil || !strings.Contains(err.Error(), "md-mod") {
		t.Errorf("a kernel with md built in: %v", err)
	}
	if _, err := openTree(fakeTree(t, []string{"kernel/drivers/ata/ahci.ko"}, []string{"kernel/fs/ext4.ko"})); err != nil {
		t.Error(err)
	}
}

// TestShippedModules picks what is shipped from the kernel that make has
// unpacked, with all that the modules need.
func TestShippedModules(t *testing.T) {
	f, err := os.Open("../../../agent/modules.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	list, err := parseList(f)
	if err != nil {
		t.Fatal(err)
	}
	const kernel = "../../../build/kernel"
	if _, err := os.Stat(filepath.Join(kernel, "vmlinuz")); errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("%v: run \"make build/kernel\" first, as \"make check\" does", err)
	}
	tree, err := openTree(kernel)
	if err != nil {
		t.Fatal(err)
	}
	picked, err := tree.pick(list)
	if err != nil {
		t.Fatal(err)
	}
	for name, m := range picked {
		if strings.Contains(m.file, "/md/") || strings.HasPrefix(name, "dm_") {
			t.Errorf("module %s comes along", m.file)
		}
	}
	if len(picked) < len(list)/2 {
		t.Errorf("%d modules were picked of %d", len(picked), len(list))
	}
	// The list cannot be made to bring them: the kernel at hand has them.
	for _, bad := range []string{"md_mod", "dm_mod", "loop"} {
		if _, err := tree.pick(append(list, entry{module: bad})); err == nil {
			t.Errorf("%s may be added to the list", bad)
		}
	}
}
