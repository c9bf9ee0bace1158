package inventory

import (
	"slices"
	"strings"
	"testing"
)

// systemSlot lays out a System Slots structure of SMBIOS 2.6 (DMTF DSP0134
// section 7.10: type, length, handle, designation, slot type, data bus width,
// current usage, slot length, slot ID, two bytes of characteristics, segment,
// bus, device and function).
func systemSlot(designation string, kind, usage byte, segment uint16, bus, function byte) string {
	return string([]byte{
		9, 0x11, 0x20, 0x00, 1, kind, 0x0a, usage, 4, 1, 0, 0x0c, 1,
		byte(segment), byte(segment >> 8), bus, function,
	}) + designation + "\x00\x00"
}

const (
	usageAvailable = 3
	usageInUse     = 4
)

func TestDriveSlots(t *testing.T) {
	bios := "\x00\x05\x00\x00\x01" + "Maker\x00\x00"
	for name, c := range map[string]struct {
		table string
		want  []slot
	}{
		"M.2, in use":      {bios + systemSlot("M.2 SSD1", 0x17, usageInUse, 0, 1, 0), []slot{{"M.2 SSD1", "M.2 Socket 3 (key M)", true, "0000:01:00.0"}}},
		"M.2, empty":       {systemSlot("M.2 SSD1", 0x17, usageAvailable, 0, 0xff, 0xff), []slot{{"M.2 SSD1", "M.2 Socket 3 (key M)", false, ""}}},
		"all bits set":     {systemSlot("M2_2", 0x17, usageInUse, 0xffff, 0xff, 0xff), []slot{{"M2_2", "M.2 Socket 3 (key M)", true, ""}}},
		"never filled in":  {systemSlot("M2_2", 0x17, usageInUse, 0, 0, 0), []slot{{"M2_2", "M.2 Socket 3 (key M)", true, ""}}},
		"U.2, Gen 3":       {systemSlot("Bay 3", 0x20, usageInUse, 1, 0x5e, 3<<3|2), []slot{{"Bay 3", "U.2, PCI Express 3", true, "0001:5e:03.2"}}},
		"U.2, Gen 2":       {systemSlot("Bay 3", 0x1f, usageInUse, 0, 3, 0), []slot{{"Bay 3", "U.2, PCI Express 2", true, "0000:03:00.0"}}},
		"U.2, Gen 4 and 5": {systemSlot("A", 0x24, usageInUse, 0, 3, 0) + systemSlot("B", 0x25, usageInUse, 0, 4, 0), []slot{{"A", "U.2, PCI Express 4", true, "0000:03:00.0"}, {"B", "U.2, PCI Express 5", true, "0000:04:00.0"}}},
		"EDSFF":            {systemSlot("E1", 0xc5, usageInUse, 0, 3, 0) + systemSlot("E3", 0xc6, usageInUse, 0, 4, 0), []slot{{"E1", "EDSFF E1", true, "0000:03:00.0"}, {"E3", "EDSFF E3", true, "0000:04:00.0"}}},
		"a radio's slot":   {systemSlot("WLAN", 0x15, usageInUse, 0, 1, 0), nil},
		"a modem's slot":   {systemSlot("WWAN", 0x16, usageInUse, 0, 1, 0), nil},
		"a graphics slot":  {systemSlot("PCIE16", 0xaa, usageInUse, 0, 1, 0), nil},
		"PCI Express 6":    {systemSlot("PCIE6", 0xc4, usageInUse, 0, 1, 0), nil},
		"SMBIOS 2.0":       {"\x09\x0d\x20\x00\x01\x17\x0a\x04\x04\x01\x00\x0c\x01" + "M2\x00\x00", []slot{{"M2", "M.2 Socket 3 (key M)", true, ""}}},
		"too short":        {"\x09\x07\x20\x00\x01\x17\x0a" + "M2\x00\x00" + systemSlot("B", 0x17, usageInUse, 0, 3, 0), []slot{{"B", "M.2 Socket 3 (key M)", true, "0000:03:00.0"}}},
		"no such string":   {"\x09\x0d\x20\x00\x07\x17\x0a\x04\x04\x01\x00\x0c\x01" + "M2\x00\x00", []slot{{"", "M.2 Socket 3 (key M)", true, ""}}},
		"no strings":       {"\x09\x0d\x20\x00\x00\x17\x0a\x04\x04\x01\x00\x0c\x01" + "\x00\x00", []slot{{"", "M.2 Socket 3 (key M)", true, ""}}},
		"what it prints":   {systemSlot("M.2\x1b[31m", 0x17, usageAvailable, 0, 1, 0), []slot{{"M.2 [31m", "M.2 Socket 3 (key M)", false, "0000:01:00.0"}}},
		"cut short":        {systemSlot("M.2", 0x17, usageInUse, 0, 1, 0)[:18], nil},
		"after the end":    {"\x7f\x04\x00\x00\x00\x00" + systemSlot("M.2", 0x17, usageInUse, 0, 1, 0), nil},
	} {
		if got := driveSlots([]byte(c.table)); !slices.Equal(got, c.want) {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

func TestSlotsAreBounded(t *testing.T) {
	table := strings.Repeat(systemSlot("M.2", 0x17, usageInUse, 0, 1, 0), 10*maxSlots)
	if n := len(driveSlots([]byte(table))); n != maxSlots {
		t.Errorf("%d slots", n)
	}
}

func FuzzDriveSlots(f *testing.F) {
	f.Add([]byte(systemSlot("M.2 SSD1", 0x17, usageInUse, 0, 1, 0)))
	f.Add([]byte("\x09\x0d\x20\x00\x07\x17\x0a\x04\x04\x01\x00\x0c\x01M2\x00\x00"))
	f.Add([]byte("\x00\x05\x00\x00\x01Maker\x00\x00" + systemSlot("Bay", 0x20, usageAvailable, 1, 2, 3)))
	f.Fuzz(func(t *testing.T, table []byte) {
		slots := driveSlots(table)
		if len(slots) > maxSlots {
			t.Errorf("%d slots", len(slots))
		}
		for _, s := range slots {
			if s.kind == "" || s.designation != clean(s.designation) {
				t.Errorf("%+v", s)
			}
			if s.address != "" && !pciAddress.MatchString(s.address) {
				t.Errorf("address %q", s.address)
			}
		}
	})
}
