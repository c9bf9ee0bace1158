package api

// Identify is what a drive said of itself, raw.
type Identify struct {
	// NVMe: the 4,096 bytes of Identify Controller and of Identify Namespace.
	Controller []byte `json:"controller,omitempty"`
	Namespace  []byte `json:"namespace,omitempty"`
	// ATA: the 512 bytes of IDENTIFY DEVICE.
	ATA []byte `json:"ata,omitempty"`
}

// Health is what a drive says of its own condition, and where it says it. A
// number that the drive does not tell is nil.
type Health struct {
	Source             string  `json:"source"` // "NVMe log page 02h"
	CriticalWarning    *uint8  `json:"critical_warning,omitempty"`
	Celsius            *int    `json:"celsius,omitempty"`
	SparePercent       *uint8  `json:"spare_percent,omitempty"`
	SpareThreshold     *uint8  `json:"spare_threshold,omitempty"`
	UsedPercent        *uint8  `json:"used_percent,omitempty"` // wear; may exceed 100
	PowerOnHours       *uint64 `json:"power_on_hours,omitempty"`
	MediaErrors        *uint64 `json:"media_errors,omitempty"`
	UnsafeShutdowns    *uint64 `json:"unsafe_shutdowns,omitempty"`
	ReallocatedSectors *uint64 `json:"reallocated_sectors,omitempty"`
	PendingSectors     *uint64 `json:"pending_sectors,omitempty"`
	// Error says why nothing could be read; the drive is then not healthy and
	// not sick, but unknown.
	Error string `json:"error,omitempty"`
}
