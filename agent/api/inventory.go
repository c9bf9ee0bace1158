package api

// Inventory is what the agent found when it took stock of its machine.
type Inventory struct {
	System   System   `json:"system"`
	Firmware Firmware `json:"firmware"`
	CPU      CPU      `json:"cpu"`
	// MemoryBytes is what the kernel may use, from MemTotal.
	MemoryBytes uint64 `json:"memory_bytes"`
	NICs        []NIC  `json:"nics"`
	TPM         TPM    `json:"tpm"`
	// Storage is every device that should lead to drives, whether it does or
	// not: what the kernel, PCI and SMBIOS say exists.
	Storage []StorageDevice `json:"storage,omitempty"`
	Drives  []Drive         `json:"drives"`
	// AgentVersion and Kernel name the software that took the inventory.
	AgentVersion string `json:"agent_version"`
	Kernel       string `json:"kernel"`
}

// System holds the identity strings of SMBIOS (DMTF DSP0134), trimmed but
// otherwise as found: lies such as "To Be Filled By O.E.M." are the
// controller's to recognise.
type System struct {
	// UUID is that of SMBIOS type 1 in the usual text form, lower case, its
	// first three fields taken as little-endian (DSP0134 section 7.2.1).
	UUID         string `json:"uuid"`
	Manufacturer string `json:"manufacturer"`
	Product      string `json:"product"`
	Version      string `json:"version"`
	Serial       string `json:"serial"`
	SKU          string `json:"sku"`

	BoardManufacturer string `json:"board_manufacturer"`
	BoardProduct      string `json:"board_product"`
	BoardSerial       string `json:"board_serial"`

	ChassisType   uint8  `json:"chassis_type"` // DSP0134 section 7.4.1; 0 if not told
	ChassisSerial string `json:"chassis_serial"`
	AssetTag      string `json:"asset_tag"`

	BIOSVendor  string `json:"bios_vendor"`
	BIOSVersion string `json:"bios_version"`
	BIOSDate    string `json:"bios_date"`
}

// FirmwareKind is how the machine was booted.
type FirmwareKind string

// The kinds of firmware.
const (
	FirmwareBIOS FirmwareKind = "bios"
	FirmwareUEFI FirmwareKind = "uefi"
)

// Firmware describes how the machine was booted.
type Firmware struct {
	Kind FirmwareKind `json:"kind"`
	// SecureBoot reports whether Secure Boot enforces; false on BIOS.
	SecureBoot bool `json:"secure_boot"`
	// Lockdown is the kernel's lockdown mode: "none", "integrity",
	// "confidentiality", or "" if not told.
	Lockdown string `json:"lockdown"`
}

// CPU describes the processors.
type CPU struct {
	Model   string `json:"model"`
	Sockets int    `json:"sockets"`
	Cores   int    `json:"cores"`
	Threads int    `json:"threads"`
}

// NIC is one network interface.
type NIC struct {
	Name string `json:"name"`
	// MAC is the permanent address where the driver tells it, else the
	// present one; lower case with colons.
	MAC    string `json:"mac"`
	Driver string `json:"driver"`
	Bus    string `json:"bus"` // "pci", "usb", "virtio", ...
	// Boot is set on the interface that this boot came through.
	Boot bool `json:"boot,omitempty"`
	// Removable is set on an interface that may move from machine to
	// machine: a USB adapter or a dock.
	Removable bool `json:"removable,omitempty"`
}

// TPM is the trusted platform module, if any.
type TPM struct {
	Present bool   `json:"present"`
	Version string `json:"version,omitempty"` // "1.2" or "2.0"
}
