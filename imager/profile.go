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
	// CountdownSeconds run before the first destructive command.
	CountdownSeconds int `json:"countdown_seconds" toml:"countdown_seconds"`
	// ExcludeRemovable leaves removable media (sticks, cards) alone. They
	// are listed in the record.
	ExcludeRemovable bool `json:"exclude_removable" toml:"exclude_removable"`
	// AtEnd is what a machine does after an erasure without image: "restart",
	// "power-off" or "stay".
	AtEnd api.EndAction `json:"at_end" toml:"at_end"`
}
