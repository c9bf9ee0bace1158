package api

// StorageDevice is one thing in the machine through which drives are reached: a
// storage function on PCI, an NVMe controller, a slot. Whether a drive could hide
// behind it is the controller's to say, from these facts.
type StorageDevice struct {
	Kind    StorageKind `json:"kind"`
	Address string      `json:"address"` // "0000:00:17.0", "nvme0", the slot's designation, ...
	Name    string      `json:"name,omitempty"`

	// Class, Vendor and Device are those of PCI (class code 01h: mass
	// storage; 08h 05h: SD host); 0 for what is not on PCI.
	Class  uint32 `json:"class,omitempty"` // 24 bits: class, subclass, interface
	Vendor uint16 `json:"vendor,omitempty"`
	Device uint16 `json:"device,omitempty"`
	Driver string `json:"driver,omitempty"` // bound by the kernel; "" for none

	// Drives are the nodes of the block devices found behind it.
	Drives []string `json:"drives,omitempty"`
	// Remapped counts NVMe drives that a SATA controller in RAID mode keeps
	// to itself (remapped_nvme of the ahci driver).
	Remapped int `json:"remapped,omitempty"`
	// State is what the kernel says of an NVMe controller ("live", "dead",
	// "resetting"), of a SATA link (its speed, "6.0 Gbps") and of a SCSI
	// device ("running", "offline"); "" for others.
	State string `json:"state,omitempty"`
	// InUse is what SMBIOS says of a slot (type 9, current usage), and
	// PCIAddress where its device should be; "" if SMBIOS names no address. Of
	// an NVMe controller, PCIAddress is its function.
	InUse      bool   `json:"in_use,omitempty"`
	PCIAddress string `json:"pci_address,omitempty"`
	// Present is set for a slot if the kernel knows a device at PCIAddress, or
	// behind it where that is a port.
	Present bool `json:"present,omitempty"`
}

// StorageKind says what a StorageDevice is.
type StorageKind string

// The kinds of storage device.
const (
	StoragePCI  StorageKind = "pci"  // a function of class 01h, or an SD host
	StorageNVMe StorageKind = "nvme" // an NVMe controller that the kernel has met
	StorageSlot StorageKind = "slot" // a slot that only takes drives, of SMBIOS type 9
	// StorageATA is what is connected to a SATA or PATA port and is no optical
	// drive: a disk, or something that does not answer although the link is
	// up. Without Drives it hides.
	StorageATA StorageKind = "ata"
	// StorageSCSI is a SCSI disk that shows no block device; those that do are
	// not listed.
	StorageSCSI StorageKind = "scsi"
)
