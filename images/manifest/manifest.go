// Package manifest is the signed description of a master image.
//
// A master image NAME is three files: NAME.img.zst, the raw disk as a Zstandard
// file in the Seekable Format (independent frames of FrameBytes of the raw disk,
// so that plain "zstd -d" restores it); NAME.json, the manifest; and
// NAME.json.minisig, its signature in minisign's format.
package manifest

// Schema is the version of the manifest's form that this code writes.
const Schema = 1

// FrameBytes is the raw size of every frame but the last.
const FrameBytes = 4 << 20

// Manifest describes one master image. It is written once and never changed:
// the bytes of its file are what is signed.
type Manifest struct {
	Schema int    `json:"schema"`
	Name   string `json:"name"` // file name without endings: [a-z0-9][a-z0-9._-]*
	Title  string `json:"title,omitempty"`
	// RawBytes is the size of the raw disk, a multiple of LogicalSector.
	RawBytes      uint64 `json:"raw_bytes"`
	LogicalSector uint32 `json:"logical_sector"` // 512 or 4096, in bytes
	// MinDriveBytes is the smallest drive that may carry the image.
	MinDriveBytes uint64 `json:"min_drive_bytes"`
	// Firmware lists the kinds of firmware that the image boots on.
	Firmware []Firmware `json:"firmware"`
	// Grow is the number of the partition (from 1) that grows to the end of
	// the drive; 0 for none.
	Grow     int      `json:"grow"`
	Identity Identity `json:"identity"`
	Confirm  Confirm  `json:"confirm"`
	// Provenance says where the image comes from.
	Provenance Provenance `json:"provenance"`

	CompressedBytes uint64  `json:"compressed_bytes"` // size of NAME.img.zst
	Frames          []Frame `json:"frames"`
}

// Firmware is a kind of firmware.
type Firmware string

// The kinds of firmware.
const (
	BIOS       Firmware = "bios"
	UEFI       Firmware = "uefi"
	SecureBoot Firmware = "secureboot" // UEFI with Secure Boot enforced
)

// Identity says how an installed machine gets its own identity.
type Identity string

// The kinds of identity.
const (
	// IdentityNoCloud: a partition labelled CIDATA is rewritten whole with a
	// NoCloud seed.
	IdentityNoCloud Identity = "nocloud"
	IdentityNone    Identity = "none"
)

// Confirm says how it becomes known that the installed machine runs.
type Confirm string

// The kinds of confirmation.
const (
	ConfirmFirstBoot Confirm = "first-boot" // it calls the controller once
	ConfirmOperator  Confirm = "operator"   // a person says so, and it is recorded as such
)

// Provenance says where an image comes from.
type Provenance struct {
	Source       string `json:"source"`        // file or recipe it was made from
	SourceSHA256 string `json:"source_sha256"` // of that file, hex
	Created      string `json:"created"`       // RFC 3339, UTC
	Tool         string `json:"tool"`          // "regain VERSION"
}

// Frame is one independent Zstandard frame.
type Frame struct {
	Offset uint64 `json:"offset"`         // in NAME.img.zst
	Length uint32 `json:"length"`         // compressed
	Raw    uint32 `json:"raw"`            // FrameBytes, or what is left for the last
	SHA256 string `json:"sha256"`         // of the raw bytes, hex
	Zero   bool   `json:"zero,omitempty"` // the raw bytes are all zero
}
