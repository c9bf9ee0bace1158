package drive

import (
	"regexp"
	"strings"

	"regain.example/agent/api"
)

// nodes that are never a drive of the machine: stacked, in memory or remote
// devices, floppy drives, raw flash, and the hardware partitions of an eMMC
// (Linux Documentation/admin-guide/devices.txt; Documentation/driver-api/mmc).
var neverDrive = regexp.MustCompile(
	`^(loop|ram|zram|nbd|dm-|md|fd|rbd|drbd|bcache|nullb|mtdblock|ubiblock|rssd|aoe|zd|ublkb)` +
		`|^mmcblk\d+(boot\d+|rpmb|gp\d+)$` +
		`|^nvme\d+c\d+n\d+$`) // one path of a multipath namespace, which has a node of its own

// remote are the parts of a device path that only fabrics have: iSCSI sessions,
// Fibre Channel and SRP remote ports.
var remote = regexp.MustCompile(`/(session\d+|rport-[^/]+|port-\d+:\d+/srp[^/]*|fc_host)(/|$)`)

var (
	pathUSB    = regexp.MustCompile(`/usb\d+/`)
	pathATA    = regexp.MustCompile(`/ata\d+/`)
	pathSAS    = regexp.MustCompile(`/end_device-[^/]+/`)
	pathSCSI   = regexp.MustCompile(`/host\d+/`)
	pathVirtio = regexp.MustCompile(`/virtio\d+(/block)?/[^/]+$`)
	pathMMC    = regexp.MustCompile(`/mmc\d+/mmc\d+:`)
	pathNVMe   = regexp.MustCompile(`/nvme\d+/`)
	// onBoard is where local buses begin: PCI, a system-on-chip, a
	// hypervisor's bus. SCSI targets that software makes begin elsewhere.
	onBoard = regexp.MustCompile(`/(pci[0-9a-f]{4,}:|platform/|LNXSYSTM|LNXSYBUS|ACPI)`)
)

// busOf tells the bus from the path of the block device below /sys/devices.
// local is false for a device that is not a part of the machine.
func busOf(path string) (bus api.Bus, local bool) {
	if strings.HasPrefix(path, "virtual/") && !strings.HasPrefix(path, "virtual/nvme-subsystem/") {
		return api.BusUnknown, false
	}
	path = "/" + path
	switch {
	case strings.HasPrefix(path, "/virtual/nvme-subsystem/"):
		return api.BusNVMe, true
	case remote.MatchString(path) || !onBoard.MatchString(path):
		return api.BusUnknown, false
	case pathMMC.MatchString(path): // also that of a reader on USB: the card itself answers
		return api.BusMMC, true
	case pathUSB.MatchString(path):
		return api.BusUSB, true
	case pathNVMe.MatchString(path):
		return api.BusNVMe, true
	case pathATA.MatchString(path):
		return api.BusATA, true
	case pathSAS.MatchString(path):
		return api.BusSAS, true
	case pathSCSI.MatchString(path):
		return api.BusSCSI, true
	case pathVirtio.MatchString(path):
		return api.BusVirtio, true
	}
	return api.BusUnknown, true
}
