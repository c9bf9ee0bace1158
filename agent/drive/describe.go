package drive

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"regain.example/agent/api"
)

// sysfsSector is the unit of the size attribute, whatever the drive's sectors
// are (Linux Documentation/ABI/stable/sysfs-block).
const sysfsSector = 512

var optical = regexp.MustCompile(`^sr\d+$`)

// describe returns what sysfs and the device itself tell about one node of
// /sys/block. ok is false for what is no storage device of this machine.
func (h *Host) describe(node string) (d api.Drive, ok bool, err error) {
	if neverDrive.MatchString(node) {
		return api.Drive{}, false, nil
	}
	block, err := filepath.EvalSymlinks(filepath.Join(h.sys, "block", node))
	if os.IsNotExist(err) {
		return api.Drive{}, false, fmt.Errorf("describe %s: %w", node, ErrGone)
	}
	if err != nil {
		return api.Drive{}, false, fmt.Errorf("describe %s: %w", node, err)
	}
	if attr(block, "hidden") == "1" {
		return api.Drive{}, false, nil
	}
	devices, err := filepath.EvalSymlinks(filepath.Join(h.sys, "devices"))
	if err != nil {
		return api.Drive{}, false, fmt.Errorf("describe %s: %w", node, err)
	}
	path, err := filepath.Rel(devices, block)
	if err != nil {
		return api.Drive{}, false, fmt.Errorf("describe %s: %w", node, err)
	}
	bus, local := busOf(path)
	if !local {
		return api.Drive{}, false, nil
	}
	d = api.Drive{
		Node:           node,
		Bus:            bus,
		Location:       location(devices, path),
		SizeBytes:      attrUint(block, "size") * sysfsSector,
		LogicalSector:  uint32(attrUint(block, "queue/logical_block_size")),
		PhysicalSector: uint32(attrUint(block, "queue/physical_block_size")),
		Rotational:     attr(block, "queue/rotational") == "1",
		Removable:      attr(block, "removable") == "1",
		ReadOnly:       attr(block, "ro") == "1",
		Model:          attr(block, "device/model"),
		Serial:         attr(block, "device/serial"),
	}
	if !h.identify(&d, block) {
		return api.Drive{}, false, nil
	}
	d.Excluded = exclusion(d)
	return d, true, nil
}

// identify fills in what depends on the bus. It returns false for a device that
// turns out not to be a part of the machine.
func (h *Host) identify(d *api.Drive, block string) bool {
	switch d.Bus {
	case api.BusNVMe:
		return h.identifyNVMe(d, block)
	case api.BusATA:
		identifySCSI(d, block)
		h.identifyATA(d, block)
	case api.BusSCSI, api.BusSAS:
		identifySCSI(d, block)
	case api.BusUSB:
		identifySCSI(d, block)
		h.identifyUSB(d, block)
	case api.BusMMC:
		identifyMMC(d, block)
	case api.BusVirtio:
		d.Serial = attr(block, "serial")
		d.Model = "virtio " + strings.TrimPrefix(attr(block, "device/vendor"), "0x")
	}
	return true
}

func exclusion(d api.Drive) string {
	switch {
	case optical.MatchString(d.Node):
		return "optical drive"
	case d.Removable && d.SizeBytes == 0:
		return "empty card reader"
	}
	return ""
}

// identifyMMC takes the whole card identification register as serial: the
// maker, name and date beside the serial number, which alone is 32 bits (JEDEC
// JESD84-B51 section 7.2).
func identifyMMC(d *api.Drive, block string) {
	d.Model = attr(block, "device/name")
	d.Firmware = attr(block, "device/fwrev")
	if cid := attr(block, "device/cid"); cid != "" {
		d.Serial = cid
	}
}
