package inventory

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"regain.example/agent/api"
)

var nvmeController = regexp.MustCompile(`^nvme\d+$`)

// storage lists everything through which drives are reached: what PCI, the
// kernel and SMBIOS say exists, whether drives show behind it or not.
func (m Machine) storage(drives []api.Drive, slots []slot) []api.StorageDevice {
	found := m.pciStorage(drives)
	found = append(found, m.nvmeStorage(drives)...)
	found = append(found, m.ataStorage(drives)...)
	found = append(found, m.scsiStorage()...)
	for _, s := range slots {
		found = append(found, m.slotStorage(s, drives))
	}
	return found
}

// nvmeStorage lists the NVMe controllers on PCI Express that the kernel has met.
func (m Machine) nvmeStorage(drives []api.Drive) []api.StorageDevice {
	entries, err := os.ReadDir(filepath.Join(m.Sys, "class/nvme"))
	if err != nil {
		return nil // no driver was needed
	}
	var found []api.StorageDevice
	for _, e := range entries {
		dir := filepath.Join(m.Sys, "class/nvme", e.Name())
		if !nvmeController.MatchString(e.Name()) || text(filepath.Join(dir, "transport")) != "pcie" {
			continue
		}
		found = append(found, api.StorageDevice{
			Kind:       api.StorageNVMe,
			Address:    e.Name(),
			Name:       strings.Join(strings.Fields(text(filepath.Join(dir, "model"))), " "),
			State:      text(filepath.Join(dir, "state")),
			PCIAddress: text(filepath.Join(dir, "address")),
			Drives:     namespaces(drives, e.Name()),
		})
	}
	return found
}

// namespaces lists the nodes of a controller's drives.
func namespaces(drives []api.Drive, controller string) []string {
	var nodes []string
	for _, d := range drives {
		if !bare(d) && d.NVMe != nil && d.NVMe.Controller == controller {
			nodes = append(nodes, d.Node)
		}
	}
	return nodes
}

// bare reports whether d stands for an NVMe controller that shows no disk.
func bare(d api.Drive) bool { return d.NVMe != nil && d.NVMe.Controller == d.Node }

// slotStorage tells of a slot, and whether what is in it has shown itself.
func (m Machine) slotStorage(s slot, drives []api.Drive) api.StorageDevice {
	d := api.StorageDevice{
		Kind: api.StorageSlot, Address: s.designation, Name: s.kind,
		InUse: s.inUse, PCIAddress: s.address,
	}
	if at := m.slotFunction(s); at != "" {
		d.Present = m.populated(at)
		d.Drives = nodesBehind(drives, at)
	}
	return d
}

// vmdDummy is the function that Intel's chipsets show in the place of a port
// whose devices the Volume Management Device has taken ("RST VMD Managed
// Controller"). The port itself has the same device and function number on the
// root bus of the VMD's own domain.
const vmdDummy = 0x8086_09ab

// slotFunction is the PCI function that the kernel knows for a slot; empty if
// there is none. Domains above ffffh are those of VMD.
func (m Machine) slotFunction(s slot) string {
	if s.address == "" {
		return ""
	}
	dir := m.pciDir(s.address)
	if dir == "" {
		return ""
	}
	if hexAttr(dir, "vendor")<<16|hexAttr(dir, "device") != vmdDummy {
		return s.address
	}
	_, function, _ := strings.Cut(s.address[len("0000:"):], ":")
	for _, address := range m.pciFunctions() {
		onRoot := strings.HasPrefix(filepath.Base(filepath.Dir(m.pciDir(address))), "pci")
		if len(address) > len(s.address) && onRoot && strings.HasSuffix(address, ":"+function) {
			return address
		}
	}
	return ""
}

// populated reports whether a function is a device in a slot, or a port with one
// behind it: some firmware gives the port's address for the slot.
func (m Machine) populated(address string) bool {
	dir := m.pciDir(address)
	if hexAttr(dir, "class")>>8 != classBridge {
		return dir != ""
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return false
	}
	for _, e := range entries {
		if pciAddress.MatchString(e.Name()) {
			return true
		}
	}
	return false
}
