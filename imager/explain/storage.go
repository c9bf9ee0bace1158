package explain

import (
	"fmt"
	"strings"

	"regain.example/agent/api"
)

// Device says what a storage device is and which drives were found behind it.
func Device(d api.StorageDevice) (name, found string) {
	switch d.Kind {
	case api.StoragePCI:
		name = "PCI " + d.Address
	case api.StorageNVMe:
		name = "NVMe controller " + d.Address
	case api.StorageSlot:
		name = "Slot " + d.Address
	case api.StorageATA:
		name = "Port " + d.Address
	case api.StorageSCSI:
		name = "SCSI disk " + d.Address
	default:
		name = fmt.Sprintf("%s %s", d.Kind, d.Address)
	}
	if d.Name != "" {
		name += ", " + d.Name
	}
	if d.Vendor != 0 {
		name += fmt.Sprintf(" (%04x:%04x)", d.Vendor, d.Device)
	}
	return name, strings.Join(deviceFacts(d), "; ")
}

func deviceFacts(d api.StorageDevice) (parts []string) {
	switch {
	case len(d.Drives) > 0:
		parts = append(parts, "drives "+strings.Join(d.Drives, ", "))
	case d.Kind == api.StorageSlot && !d.InUse:
		parts = append(parts, "not in use")
	case d.Kind == api.StorageSlot && d.Present:
		parts = append(parts, "in use by "+d.PCIAddress)
	case d.Kind == api.StorageSlot:
		parts = append(parts, "in use, but its device was not found")
	default:
		parts = append(parts, "no drive")
	}
	if d.Remapped > 0 {
		parts = append(parts, "keeps "+count(d.Remapped, "NVMe drive", "NVMe drives")+" to itself")
	}
	switch {
	case d.State == "":
	case d.Kind == api.StorageATA:
		parts = append(parts, "link at "+d.State)
	case d.State != "live" && d.State != "running":
		parts = append(parts, "the kernel says "+d.State)
	}
	if d.Kind == api.StoragePCI && d.Driver == "" {
		parts = append(parts, "no driver")
	}
	return parts
}
