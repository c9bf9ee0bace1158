package imager

// Protected is a machine or a drive that is never erased here, whoever approves
// it. Each field that is not empty must match; an entry needs one at least.
type Protected struct {
	// Reason is shown to whoever tries.
	Reason string `json:"reason" toml:"reason"`
	// UUID and Serial are the machine's, MAC any of its interfaces'.
	UUID   string `json:"uuid,omitempty" toml:"uuid"`
	Serial string `json:"serial,omitempty" toml:"serial"`
	MAC    string `json:"mac,omitempty" toml:"mac"`
	// DriveSerial and DriveWWN (WWN, EUI-64 or NGUID) are any of its drives'.
	// A machine with a protected drive is not erased at all.
	DriveSerial string `json:"drive_serial,omitempty" toml:"drive_serial"`
	DriveWWN    string `json:"drive_wwn,omitempty" toml:"drive_wwn"`
}
