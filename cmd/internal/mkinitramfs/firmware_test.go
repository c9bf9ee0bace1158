package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// asking are modules of which one asks for firmware that is there, one for some
// that is not.
var asking = map[string]selected{
	"r8169": {firmware: []string{"rtl_nic/rtl8168d-1.fw", "rtl_nic/rtl8168e-1.fw"}},
	"tg3":   {firmware: []string{"tigon/tg3.bin"}},
	"ahci":  {},
}

func TestPickFirmware(t *testing.T) {
	root := t.TempDir()
	write(t, filepath.Join(root, "list"), "firmware-realtek 20230210-5\n")
	write(t, filepath.Join(root, "lib/firmware/rtl_nic/rtl8168d-1.fw"), "d1")
	write(t, filepath.Join(root, "lib/firmware/rtl_nic/rtl8168e-1.fw"), "e1")
	write(t, filepath.Join(root, "lib/firmware/iwlwifi-1.fw"), "asked for by none")
	fw, err := pickFirmware(root, asking)
	if err != nil || len(fw.paths) != 2 || !slices.Equal(fw.missing["tg3"], []string{"tigon/tg3.bin"}) || len(fw.missing) != 1 {
		t.Fatalf("%+v, %v", fw, err)
	}
	for _, says := range []string{"2 files of firmware-realtek 20230210-5", "MISSING for tg3: tigon/tg3.bin"} {
		if !strings.Contains(fw.tell(), says) {
			t.Errorf("%q does not say %q", fw.tell(), says)
		}
	}
}

// A host without the firmware is told of every file that is missing.
func TestNoFirmware(t *testing.T) {
	fw, err := pickFirmware(filepath.Join(t.TempDir(), "nothing"), asking)
	if err != nil || len(fw.paths) != 0 || len(fw.missing["r8169"]) != 2 || len(fw.missing["tg3"]) != 1 {
		t.Errorf("%+v, %v", fw, err)
	}
	if said := fw.tell(); strings.Count(said, "MISSING") != 2 {
		t.Errorf("%q", said)
	}
}

// A module cannot reach out of the directory of firmware.
func TestFirmwareOutside(t *testing.T) {
	for _, name := range []string{"../../etc/shadow", "/etc/shadow"} {
		if _, err := pickFirmware(t.TempDir(), map[string]selected{"m": {firmware: []string{name}}}); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

// The licences go where the firmware goes, and old ones away.
func TestCopyNotes(t *testing.T) {
	root, to := t.TempDir(), filepath.Join(t.TempDir(), "notes")
	write(t, filepath.Join(root, "licences/firmware-nonfree.txt"), "licence")
	write(t, filepath.Join(to, "old.txt"), "old")
	if err := copyNotes(root, to); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadDir(to)
	if err != nil || len(got) != 1 || got[0].Name() != "firmware-nonfree.txt" {
		t.Errorf("%v, %v", got, err)
	}
	if err := copyNotes(t.TempDir(), to); err != nil {
		t.Errorf("without firmware: %v", err)
	}
	if _, err := os.Stat(to); !os.IsNotExist(err) {
		t.Errorf("licences of firmware that is not shipped: %v", err)
	}
}

// TestBefore: what a module needs without asking for it comes first.
func TestBefore(t *testing.T) {
	tree, err := openTree("../../../build/kernel")
	if err != nil {
		t.Fatalf("%v: run \"make build/kernel\" first", err)
	}
	picked, err := tree.pick([]entry{{module: "tg3", before: []string{"broadcom"}}})
	if err != nil || !slices.Contains(picked["tg3"].needs, "broadcom") || picked["broadcom"].file == "" {
		t.Errorf("%v, %+v", err, picked["tg3"])
	}
	if _, err := tree.pick([]entry{{module: "tg3", before: []string{"nonesuch"}}}); err == nil {
		t.Error("a module that the kernel has not is listed with another, and nobody says so")
	}
}
