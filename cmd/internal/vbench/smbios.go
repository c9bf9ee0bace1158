package vbench

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Slot is an M.2 socket that SMBIOS says is in use by a device at a place on the
// PCI bus.
type Slot struct {
	Designation           string
	Bus, Device, Function byte
}

// smbios returns what the machine tells of itself: the type 1 settings, and a
// structure for each slot. QEMU's own separator is doubled where it is meant.
func (m *Machine) smbios() ([]string, error) {
	s := "type=1"
	for _, f := range []struct{ key, value string }{
		{"uuid", m.cfg.UUID}, {"manufacturer", m.cfg.Manufacturer},
		{"product", m.cfg.Product}, {"serial", m.cfg.Serial},
	} {
		if f.value != "" {
			s += "," + f.key + "=" + strings.ReplaceAll(f.value, ",", ",,")
		}
	}
	args := []string{"-smbios", s}
	for n, slot := range m.cfg.Slots {
		path := filepath.Join(m.cfg.Dir, fmt.Sprintf("slot%d.smbios", n))
		if err := os.WriteFile(path, slot.structure(n), 0o600); err != nil {
			return nil, err
		}
		args = append(args, "-smbios", "file="+path)
	}
	return args, nil
}

// structure is the System Slots structure of SMBIOS 2.6 (DMTF DSP0134 section
// 7.10): M.2 Socket 3, four lanes, in use, segment 0.
func (s Slot) structure(n int) []byte {
	b := []byte{
		9, 0x11, byte(n), 0x90, // type, length, handle
		1, 0x17, 0x0a, 0x04, 0x01, // designation, type, width, usage, length
		byte(n), 0, 0x0c, 0x01, // slot ID, characteristics
		0, 0, s.Bus, s.Device<<3 | s.Function,
	}
	return append(append(b, s.Designation...), 0, 0)
}
