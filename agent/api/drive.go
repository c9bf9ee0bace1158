package api

import (
	"fmt"
	"strings"
)

// Bus is how a drive is attached to its machine.
type Bus string

// The local buses on which a drive may be erased. A drive on any other bus
// (fabrics, device mapper, md, loop, zram, nbd, optical) is never a drive of
// the machine.
const (
	BusNVMe    Bus = "nvme"
	BusATA     Bus = "ata" // SATA and PATA, through libata
	BusSCSI    Bus = "scsi"
	BusSAS     Bus = "sas"
	BusUSB     Bus = "usb"
	BusMMC     Bus = "mmc"
	BusVirtio  Bus = "virtio"
	BusUnknown Bus = ""
)

// Drive describes one physical storage device, as found in this boot.
type Drive struct {
	// Node is the kernel's name of the disk, such as "nvme0n1" or "sda".
	// It is valid in this boot only and never part of the identity.
	Node string `json:"node"`
	// Location is the path of the device in sysfs, from the bus inwards
	// (such as "pci0000:00/0000:00:04.0/nvme"). It tells two otherwise
	// equal drives apart for a person, and is the identity of last resort.
	Location string `json:"location"`
	Bus      Bus    `json:"bus"`

	WWN      string `json:"wwn,omitempty"`   // NAA, "naa.5000c500..."; lower case
	EUI64    string `json:"eui64,omitempty"` // NVMe, 16 hex digits, lower case
	NGUID    string `json:"nguid,omitempty"` // NVMe, 32 hex digits, lower case
	Model    string `json:"model"`
	Serial   string `json:"serial"`
	Firmware string `json:"firmware"`
	// SerialOfBridge is set when Serial was told by a USB bridge or a dock,
	// not by the drive itself.
	SerialOfBridge bool `json:"serial_of_bridge,omitempty"`

	SizeBytes      uint64 `json:"size_bytes"`
	LogicalSector  uint32 `json:"logical_sector"`  // bytes
	PhysicalSector uint32 `json:"physical_sector"` // bytes
	Rotational     bool   `json:"rotational"`
	Removable      bool   `json:"removable"`
	ReadOnly       bool   `json:"read_only"`

	NVMe *NVMe `json:"nvme,omitempty"` // nil unless Bus is BusNVMe

	// Bay is where a person finds the drive ("M.2 slot 1", "bay 3"), if the
	// machine tells. It is no part of the identity.
	Bay string `json:"bay,omitempty"`

	// Excluded says why this device is not a drive to be erased ("boot
	// medium", "optical", "empty card reader"); empty for all others.
	Excluded string `json:"excluded,omitempty"`
}

// NVMe holds what a namespace and its controller advertise (NVM Express Base
// Specification 2.0, Identify Controller, figure 275, and the NVM Command Set
// Specification 1.0, Identify Namespace, figure 97).
type NVMe struct {
	Controller string `json:"controller"` // the kernel's name, "nvme0"
	NSID       uint32 `json:"nsid"`
	Namespaces int    `json:"namespaces"` // active ones of the controller
	// Allocated counts the namespaces that hold capacity, active or not
	// (Identify CNS 10h); 0 if the controller does not tell.
	Allocated   int    `json:"allocated,omitempty"`
	OACS        uint16 `json:"oacs"` // bit 1: Format NVM
	FNA         uint8  `json:"fna"`  // bit 0 format all, 1 erase all, 2 cryptographic erase
	SANICAP     uint32 `json:"sanicap"`
	LBAFormat   uint8  `json:"lba_format"`  // index into the LBA formats, from FLBAS
	LBADataSize uint32 `json:"lba_size"`    // bytes
	Metadata    uint16 `json:"metadata"`    // bytes per LBA
	MetadataExt bool   `json:"metadata_in"` // metadata at the end of the data, FLBAS bit 4
	Protection  uint8  `json:"protection"`  // DPS: type of protection information and its place
	TotalBytes  uint64 `json:"total_bytes"` // TNVMCAP; 0 if not told
	UnallocByte uint64 `json:"unallocated"` // UNVMCAP
}

// ID is the identity of a drive: all that it says of itself, joined, so that
// drives which share a serial differ by model or size, and a firmware that
// answers otherwise after the erasure is another drive. A drive without a
// serial and without a world-wide name is known by its location too.
//
// The form is "BUS|WWN|EUI64|NGUID|MODEL|SERIAL|SIZE[|@LOCATION]".
func (d Drive) ID() DriveID {
	clean := func(s string) string {
		return strings.ReplaceAll(strings.Join(strings.Fields(s), " "), "|", "_")
	}
	id := fmt.Sprintf("%s|%s|%s|%s|%s|%s|%d", d.Bus, clean(d.WWN), clean(d.EUI64),
		clean(d.NGUID), clean(d.Model), clean(d.Serial), d.SizeBytes)
	if !d.Named() {
		id += "|@" + clean(d.Location)
	}
	return DriveID(id)
}

// Named reports whether the drive tells something that makes it one of a kind:
// a serial of its own or a world-wide name.
func (d Drive) Named() bool {
	serial := strings.Trim(d.Serial, " 0")
	return (serial != "" && !d.SerialOfBridge) || d.WWN != "" ||
		strings.Trim(d.EUI64, "0") != "" || strings.Trim(d.NGUID, "0") != ""
}

// DriveID is the text form of a drive's identity; see Drive.ID.
type DriveID string
