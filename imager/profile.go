package imager

import "regain.example/agent/api"

// Profile is what is to be done to a machine. Profiles are written in the
// configuration file.
type Profile struct {
	Name  string `json:"name" toml:"name"`
	Title string `json:"title" toml:"title"`
	// Image is the name of the master image; "" for erasure only.
	Image string `json:"image" toml:"image"`
	// Hostname is the pattern of the host name; {number}, {serial} and {mac}
	// are replaced.
	Hostname string `json:"hostname" toml:"hostname"`
	// Verify is how much of a firmware-erased drive is read back.
	Verify api.Verify `json:"verify" toml:"verify"`
	// CryptoAlone waives the block erase or overwrite that otherwise follows a
	// cryptographic erasure.
	CryptoAlone bool `json:"crypto_alone" toml:"crypto_alone"`
	// Limits are what a drive may show and still be reused.
	Limits DriveLimits `json:"limits" toml:"limits"`
	// CountdownSeconds run before the first destructive command.
	CountdownSeconds int `json:"countdown_seconds" toml:"countdown_seconds"`
	// ExcludeRemovable leaves removable media (sticks, cards) alone. They
	// are listed in the record.
	ExcludeRemovable bool `json:"exclude_removable" toml:"exclude_removable"`
	// AtEnd is what a machine does after an erasure without image: "restart",
	// "power-off" or "stay".
	AtEnd api.EndAction `json:"at_end" toml:"at_end"`
}

// DriveLimits are what a drive may show and still be reused. A drive beyond them
// is not erased well enough to leave, whatever it answers: it is to be destroyed.
// Zero values stand for the defaults of plan.Limits.
type DriveLimits struct {
	// BadSectors is the number of sectors that may be reallocated, pending or
	// in error (media errors on NVMe).
	BadSectors uint64 `json:"bad_sectors" toml:"bad_sectors"`
	// MinMBPerSecond is the least mean speed over a window of measurement.
	MinMBPerSecond uint64 `json:"min_mb_per_second" toml:"min_mb_per_second"`
	// PauseCelsius is where work pauses, MaxCelsius where the drive is given up.
	PauseCelsius int `json:"pause_celsius" toml:"pause_celsius"`
	MaxCelsius   int `json:"max_celsius" toml:"max_celsius"`
	// NoProgressMinutes is how long a sanitize operation may stand still.
	NoProgressMinutes int `json:"no_progress_minutes" toml:"no_progress_minutes"`
}
