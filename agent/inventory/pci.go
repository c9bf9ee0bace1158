package inventory

import (
	"cmp"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"regain.example/agent/api"
)

// The class codes (PCI Code and ID Assignment Specification, section 1).
const (
	classStorage = 0x01   // base class: mass storage controller
	classSDHost  = 0x0805 // with subclass: SD host controller
	classBridge  = 0x0604 // with subclass: PCI-to-PCI bridge
)

// storageNames are the subclasses of mass storage controllers (the same,
// section 1.2).
var storageNames = map[uint32]string{
	0x0100: "SCSI controller",
	0x0101: "IDE controller",
	0x0102: "floppy controller",
	0x0103: "IPI controller",
	0x0104: "RAID controller",
	0x0105: "ATA controller",
	0x0106: "SATA controller",
	0x0107: "SAS controller",
	0x0108: "NVMe controller",
	0x0109: "UFS controller",
	0x0805: "SD host controller",
}

var pciAddress = regexp.MustCompile(`^[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$`)

// pciStorage lists the PCI functions that drives hang on. A function that no
// driver took, or whose driver gave up, is listed without a driver.
func (m Machine) pciStorage(drives []api.Drive) []api.StorageDevice {
	var found []api.StorageDevice
	for _, address := range m.pciFunctions() {
		dir := m.pciDir(address)
		class := hexAttr(dir, "class")
		if class>>16 != classStorage && class>>8 != classSDHost {
			continue
		}
		found = append(found, api.StorageDevice{
			Kind:     api.StoragePCI,
			Address:  address,
			Name:     cmp.Or(storageNames[class>>8], "storage controller"),
			Class:    class,
			Vendor:   uint16(hexAttr(dir, "vendor")),
			Device:   uint16(hexAttr(dir, "device")),
			Driver:   pciDriver(dir),
			Drives:   nodesBehind(drives, address),
			Remapped: remapped(dir),
		})
	}
	return found
}

// pciFunctions lists the addresses of all PCI functions, in order.
func (m Machine) pciFunctions() []string {
	entries, err := os.ReadDir(filepath.Join(m.Sys, "bus/pci/devices"))
	if err != nil {
		return nil
	}
	var addresses []string
	for _, e := range entries {
		if pciAddress.MatchString(e.Name()) {
			addresses = append(addresses, e.Name())
		}
	}
	return addresses
}

func (m Machine) pciDir(address string) string {
	dir, err := filepath.EvalSymlinks(filepath.Join(m.Sys, "bus/pci/devices", address))
	if err != nil {
		return ""
	}
	return dir
}

// pciDriver is the driver that serves a function; empty for none. The kernel
// takes the link away when a driver gives up. For a virtio function it is the
// driver of the virtio device, since virtio-pci only carries it.
func pciDriver(dir string) string {
	driver := base(filepath.Join(dir, "driver"))
	if driver != "virtio-pci" {
		return driver
	}
	carried, _ := filepath.Glob(filepath.Join(dir, "virtio[0-9]*"))
	for _, c := range carried {
		if driver := base(filepath.Join(c, "driver")); driver != "" {
			return driver
		}
	}
	return ""
}

// remapped is the number of NVMe drives that a SATA controller in RAID mode
// keeps to itself (remapped_nvme of the ahci driver, Linux 5.3).
func remapped(dir string) int {
	n, err := strconv.ParseUint(text(filepath.Join(dir, "remapped_nvme")), 10, 16)
	if err != nil {
		return 0
	}
	return int(n)
}

// nodesBehind lists the nodes of the drives that are reached through a PCI
// function. A controller that shows no disk has no node.
func nodesBehind(drives []api.Drive, address string) []string {
	var nodes []string
	for _, d := range drives {
		if !bare(d) && slices.Contains(pciPath(d), address) {
			nodes = append(nodes, d.Node)
		}
	}
	return nodes
}

// pciPath lists the PCI functions through which a drive is reached, from the
// root inwards.
func pciPath(d api.Drive) []string {
	var path []string
	for part := range strings.SplitSeq(d.Location, "/") {
		if pciAddress.MatchString(part) {
			path = append(path, part)
		}
	}
	return path
}

// hexAttr is an attribute such as "0x010802"; 0 if it cannot be read.
func hexAttr(dir, name string) uint32 {
	n, err := strconv.ParseUint(text(filepath.Join(dir, name)), 0, 32)
	if err != nil {
		return 0
	}
	return uint32(n)
}
