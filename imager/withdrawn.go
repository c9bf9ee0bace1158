package imager

import (
	"time"

	"regain.example/agent/api"
)

// Withdrawn is a drive that was pulled out of its machine because it cannot be
// erased here. It still holds data, and is followed until it is destroyed.
type Withdrawn struct {
	ID      string `json:"id"` // ULID
	Machine int    `json:"machine"`
	// Drive is the one of the machine's inventory, if it was ever seen there;
	// "" for one that never answered.
	Drive  api.DriveID `json:"drive,omitempty"`
	Model  string      `json:"model,omitempty"`
	Serial string      `json:"serial"` // as printed on its label
	Reason string      `json:"reason"`
	// Seal is the number of the bag or seal that it was put under.
	Seal string    `json:"seal"`
	By   string    `json:"by"` // account
	At   time.Time `json:"at"`
	// Destroyed is empty while the drive is still to be destroyed.
	Destroyed *Destruction `json:"destroyed,omitempty"`
	// Version counts the changes of the record; see control.Store.
	Version uint64 `json:"version"`
}

// Destruction says who destroyed a drive, when and how.
type Destruction struct {
	At time.Time `json:"at"`
	By string    `json:"by"` // account that recorded it
	// Who destroyed it: a person or a company.
	Who string `json:"who"`
	How string `json:"how"` // "shredded to 6 mm", ...
}
