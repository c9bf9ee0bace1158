package drive

import (
	"path/filepath"
	"regexp"
	"strings"
)

// Parts of a device path that the kernel numbers in the order in which it finds
// things, and that say nothing about the place.
var (
	countedPart = regexp.MustCompile(`^(host\d+|target[\d:]+|block|virtio\d+|usb\d+|mmc_host|nvme\d+|[sv]d[a-z]+|sr\d+|mmcblk\d+|nvme\d+n\d+|port-[\d:]+|expander-[\d:]+)$`)
	scsiAddress = regexp.MustCompile(`^\d+:(\d+:\d+:\d+)$`)
	ataHost     = regexp.MustCompile(`^ata\d+$`)
	ataLink     = regexp.MustCompile(`^link\d+(\.\d+)?$`)
	ataDevice   = regexp.MustCompile(`^dev\d+\.(\d+)(\.\d+)?$`)
	usbPort     = regexp.MustCompile(`^\d+-([\d.]+)$`)
	usbFunction = regexp.MustCompile(`^\d+-[\d.]+:(\d+\.\d+)$`)
	mmcHost     = regexp.MustCompile(`^mmc\d+$`)
	mmcCard     = regexp.MustCompile(`^mmc\d+:([0-9a-f]+)$`)
)

// location turns a device path below /sys/devices into one that is the same in
// the next boot: addresses are kept, the kernel's counters are dropped. ATA
// ports are named by their number on the controller.
func location(devices, path string) string {
	var parts []string
	for dir, rest := devices, strings.Split(path, "/"); len(rest) > 0; rest = rest[1:] {
		part := rest[0]
		dir = filepath.Join(dir, part)
		switch m := []string(nil); {
		case ataHost.MatchString(part):
			port := attr(filepath.Join(dir, "ata_port", part), "port_no")
			parts = append(parts, "ata-port"+port)
		case match(scsiAddress, part, &m):
			parts = append(parts, "scsi-"+m[1])
		case match(usbPort, part, &m):
			parts = append(parts, "usb-port"+m[1])
		case match(usbFunction, part, &m):
			parts = append(parts, "usb-function"+m[1])
		case match(mmcCard, part, &m):
			parts = append(parts, "card"+m[1])
		case mmcHost.MatchString(part), ataLink.MatchString(part), ataDevice.MatchString(part), countedPart.MatchString(part):
		default:
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, "/")
}

func match(re *regexp.Regexp, s string, m *[]string) bool {
	*m = re.FindStringSubmatch(s)
	return *m != nil
}
