package plan

import (
	"fmt"
	"strings"

	"regain.example/agent/api"
)

// Storage says which storage of the machine is not accounted for by a drive, and
// what to do about each; empty if nothing is missing:
//
//	what the machine says                           blocked
//	storage function on PCI without a driver        yes
//	SATA controller that keeps NVMe drives to
//	  itself (RAID mode, remapped)                  yes
//	the same in RAID mode with all of them seen,
//	  VMD with its driver, no drive connected       no
//	NVMe controller not live, or without namespace  yes
//	NVMe controller with more active namespaces
//	  than show                                     yes
//	capacity in no active namespace                 unless a sanitize is planned
//	SATA link or SCSI disk without a block device   yes
//	slot in use (SMBIOS) whose device is missing    unless a SATA SSD may sit in it
//	drive of size 0                                 yes
//	empty card reader, optical drive                no
func Storage(inv api.Inventory) (said []string) {
	for _, s := range inv.Storage {
		if why := hides(s); why != "" {
			said = append(said, why)
		}
	}
	said = append(said, missing(inv)...)
	said = append(said, beyondNamespaces(inv)...)
	for _, d := range inv.Drives {
		if d.Excluded == "" && d.SizeBytes == 0 && !bare(d) {
			said = append(said, fmt.Sprintf("drive %s tells no size: power the machine off and on; if that does not help, %s", place(d), withdraw))
		}
	}
	return said
}

const (
	withdraw = "pull it, seal it and declare it withdrawn"
	setup    = "in the firmware's setup"
)

// hides says what a storage device keeps to itself, and what to do.
func hides(s api.StorageDevice) string {
	switch s.Kind {
	case api.StoragePCI:
		return hiddenFunction(s)
	case api.StorageNVMe:
		what := strings.Join(strings.Fields(fmt.Sprintf("NVMe drive %s (%s) at %s", s.Address, s.Name, s.PCIAddress)), " ")
		switch {
		case s.State != "live":
			return fmt.Sprintf("%s does not work (%q): power the machine off and on; if it comes back like this, %s", what, s.State, withdraw)
		case len(s.Drives) == 0:
			return fmt.Sprintf("%s shows nothing that could be erased: power the machine off and on; if it comes back like this, %s", what, withdraw)
		}
	case api.StorageATA, api.StorageSCSI:
		if len(s.Drives) == 0 {
			return fmt.Sprintf("something is connected at %s %s and shows no disk (%s): check the cable, power the machine off and on; if it comes back like this, %s", s.Address, s.Name, s.State, withdraw)
		}
	}
	return ""
}

// missing says which slots are in use without the kernel knowing their device. A
// SATA drive in an M.2 slot is no PCI device: as many M.2 slots are accounted for
// as there are solid-state SATA drives which tell of no other place.
func missing(inv api.Inventory) (said []string) {
	sata := 0
	for _, d := range inv.Drives {
		if d.Excluded == "" && d.Bus == api.BusATA && !d.Rotational && d.Bay == "" {
			sata++
		}
	}
	for _, s := range inv.Storage {
		switch {
		case s.Kind != api.StorageSlot || !s.InUse || s.PCIAddress == "" || s.Present:
		case sata > 0 && strings.HasPrefix(s.Name, "M.2"):
			sata--
		default:
			said = append(said, fmt.Sprintf("the firmware says that slot %s is in use, and no device shows at %s: %s%s; %s%s; and seat what is in the slot anew; if nothing shows then, %s", s.Address, s.PCIAddress, switchVMD, setup, switchRST, setup, withdraw))
		}
	}
	return said
}

// beyondNamespaces says which NVMe drives hold capacity that no disk shows.
func beyondNamespaces(inv api.Inventory) (said []string) {
	told := map[string]bool{}
	var work []api.Drive
	for _, d := range inv.Drives {
		if d.Excluded == "" && d.NVMe != nil && !bare(d) {
			work = append(work, d)
		}
	}
	for _, d := range work {
		n := d.NVMe
		if told[n.Controller] {
			continue
		}
		told[n.Controller] = true
		all := whole(d, work)
		switch {
		case n.Namespaces < 1:
			said = append(said, fmt.Sprintf("drive %s does not tell how many namespaces it has: power the machine off and on; if it comes back like this, %s", place(d), withdraw))
		case !all:
			said = append(said, fmt.Sprintf("drive %s has %d active namespaces, and not all of them show: power the machine off and on; if it comes back like this, %s", place(d), n.Namespaces, withdraw))
		case Sanitizes(Methods(d, all)[0]):
		case n.UnallocByte > 0:
			said = append(said, fmt.Sprintf("%s of drive %s belong to no namespace, and it has no sanitize operation, which alone would reach them: %s", Size(n.UnallocByte), place(d), withdraw))
		case n.Allocated > n.Namespaces:
			said = append(said, fmt.Sprintf("%d namespaces of drive %s are not active, and it has no sanitize operation, which alone would reach them: %s", n.Allocated-n.Namespaces, place(d), withdraw))
		}
	}
	return said
}

// bare reports whether a drive stands for an NVMe controller that shows no disk.
func bare(d api.Drive) bool { return d.NVMe != nil && d.NVMe.Controller == d.Node }

// place names a drive and where it is found.
func place(d api.Drive) string {
	if d.Bay == "" {
		return Name(d)
	}
	return Name(d) + " in " + d.Bay
}
