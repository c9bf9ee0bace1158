package vbench

import (
	"cmp"
	"fmt"
	"hash/fnv"
)

// Bus is how a drive is attached.
type Bus string

// The buses.
const (
	NVMe Bus = "nvme"
	SATA Bus = "sata"
	SCSI Bus = "scsi"
	USB  Bus = "usb"
	// VhostSCSI is a drive served by another process through the socket
	// Drive.Path (see package rig).
	VhostSCSI Bus = "vhost-user-scsi"
)

// Drive is one drive of a machine. Its bytes are the raw file Path, which the
// host may read and write while the machine is off.
type Drive struct {
	Bus    Bus
	Path   string
	Serial string
	Model  string // SATA and SCSI only: QEMU's NVMe drive has its own
	WWN    uint64 // SATA and SCSI only; 0 for none
	Sector int    // logical sector, 512 (also for 0) or 4096; SATA: 512 only
	// BytesPerSecond holds the drive to a speed; 0 for none.
	BytesPerSecond int64
	// Removable makes a USB drive a stick.
	Removable bool
	// First has the firmware start from this drive before all others, unless the
	// machine starts from the network first.
	First bool
	// More are further namespaces of the same controller; NVMe only.
	More []Namespace
	// Warning is the critical warning of the health log; NVMe only.
	Warning uint8
}

// Namespace is a further namespace of an NVMe drive.
type Namespace struct {
	Path   string
	Sector int // as in Drive
}

// args returns QEMU's arguments for drive number n of a machine. A boot index of
// 0 leaves the order to the firmware.
func (d Drive) args(n, bootIndex int) ([]string, error) {
	id := fmt.Sprintf("drive%d", n)
	sector := cmp.Or(d.Sector, 512)
	boot := ""
	if bootIndex > 0 {
		boot = fmt.Sprintf(",bootindex=%d", bootIndex)
	}
	wwn := ""
	if d.WWN != 0 {
		wwn = fmt.Sprintf(",wwn=%#x", d.WWN)
	}
	sizes := sectors(sector)
	backend := d.backend(id, d.Path)
	switch d.Bus {
	case NVMe:
		args := []string{"-drive", backend,
			// A root port of its own, as in a real machine; it also lets
			// the drive be pulled while the machine runs.
			"-device", fmt.Sprintf("pcie-root-port,id=port%d,chassis=%d,slot=%d", n, n+1, n+1),
			"-device", fmt.Sprintf("nvme,id=nvme%d,bus=port%d,serial=%s,smart_critical_warning=%d%s", n, n, d.Serial, d.Warning, boot),
			// Without an EUI-64 of its own every drive would carry the same.
			"-device", fmt.Sprintf("nvme-ns,id=%sdev,bus=nvme%d,drive=%s,eui64=%#x%s", id, n, id, eui64(d.Serial), sizes),
		}
		for i, ns := range d.More {
			nsID := fmt.Sprintf("%sns%d", id, i+2)
			args = append(args, "-drive", d.backend(nsID, ns.Path),
				"-device", fmt.Sprintf("nvme-ns,id=%sdev,bus=nvme%d,drive=%s,eui64=%#x%s", nsID, n, nsID, eui64(d.Serial+nsID), sectors(cmp.Or(ns.Sector, 512))))
		}
		return args, nil
	case SATA:
		if sector != 512 {
			return nil, fmt.Errorf("drive %s: QEMU's SATA drive has sectors of 512 bytes only", d.Serial)
		}
		return []string{"-drive", backend, "-device",
			fmt.Sprintf("ide-hd,id=%sdev,bus=ide.%d,drive=%s,serial=%s,model=%s,physical_block_size=4096%s%s", id, n, id, d.Serial, d.Model, wwn, boot)}, nil
	case SCSI:
		return []string{"-drive", backend,
			"-device", fmt.Sprintf("virtio-scsi-pci,id=scsi%d", n),
			"-device", fmt.Sprintf("scsi-hd,id=%sdev,bus=scsi%d.0,drive=%s,serial=%s,vendor=REGAIN,product=%s%s%s%s", id, n, id, d.Serial, d.Model, wwn, sizes, boot)}, nil
	case USB:
		return []string{"-drive", backend,
			"-device", fmt.Sprintf("qemu-xhci,id=usb%d", n),
			"-device", fmt.Sprintf("usb-storage,id=%sdev,bus=usb%d.0,drive=%s,serial=%s,removable=%s%s%s", id, n, id, d.Serial, onOff(d.Removable), sizes, boot)}, nil
	case VhostSCSI:
		return []string{"-chardev", fmt.Sprintf("socket,id=%s,path=%s", id, d.Path),
			"-device", fmt.Sprintf("vhost-user-scsi-pci,id=%sdev,chardev=%s%s", id, id, boot)}, nil
	}
	return nil, fmt.Errorf("drive %s: unknown bus %q", d.Serial, d.Bus)
}

// backend returns QEMU's settings for one raw file. The host does not lose power,
// only the machine does: flushes need not reach the host's medium.
func (d Drive) backend(id, path string) string {
	s := fmt.Sprintf("if=none,id=%s,format=raw,cache=unsafe,discard=unmap,file=%s", id, path)
	if d.BytesPerSecond > 0 {
		s += fmt.Sprintf(",throttling.bps-total=%d", d.BytesPerSecond)
	}
	return s
}

// sectors are QEMU's properties for the sizes of a drive's sectors.
func sectors(logical int) string {
	return fmt.Sprintf(",logical_block_size=%d,physical_block_size=4096", logical)
}

// eui64 makes a world-wide name from a serial, with a local (not assigned)
// company identifier.
func eui64(serial string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(serial))
	return 0x0200_0000_0000_0000 | h.Sum64()>>8
}

func onOff(b bool) string {
	if b {
		return "on"
	}
	return "off"
}
