// Package bootwatch follows one machine from power-on to its agent, by what the
// boot servers see of it, and says in a technician's words where it stands still
// or goes in a circle, why that is, and what to do. It is pure: times come with
// the events and with each question.
package bootwatch

import "time"

// Event is one thing that the boot servers saw the machine do.
type Event struct {
	At     time.Time
	Stage  string // boot.Stage
	By     string // boot.Asker; "" where nobody knows is taken for the firmware
	Chain  string // boot.Chain
	File   string
	Detail string
	Arch   string // boot.Arch's name
	// UUID and Serial are what the machine says of itself; either may be empty.
	UUID, Serial string
}

// The stages, as package boot names them.
const (
	stageOffer     = "offer"
	stageAddress   = "address"
	stageLoader    = "loader"
	stageScript    = "script"
	stageKernel    = "kernel"
	stageInitramfs = "initramfs"
	stageImageSize = "image-size"
	stageImage     = "image"
	stageLocalDisk = "local-disk"
	stageRefused   = "refused"
	stageUnserved  = "unserved"
	stageElsewhere = "elsewhere"
	stageWithheld  = "withheld"
	stageBroken    = "broken"
)

// Stages lists every stage, in the order of one boot.
func Stages() []string {
	return []string{
		stageOffer, stageAddress, stageLoader, stageScript, stageKernel, stageInitramfs, stageImageSize, stageImage,
		stageLocalDisk, stageRefused, stageUnserved, stageElsewhere, stageWithheld, stageBroken,
	}
}

// Words says of a stage what the machine has done, as in "kernel fetched".
func Words(stage string) string {
	switch stage {
	case stageOffer:
		return "offered an address"
	case stageAddress:
		return "has an address"
	case stageLoader:
		return "boot loader fetched"
	case stageScript:
		return "boot script fetched"
	case stageKernel:
		return "kernel fetched"
	case stageInitramfs:
		return "kernel and initramfs fetched"
	case stageImageSize:
		return "asked for the size of the disk image"
	case stageImage:
		return "disk image fetched"
	case stageLocalDisk:
		return "sent to its own disk"
	case stageRefused:
		return "told to boot nothing"
	case stageUnserved:
		return "its firmware is not served"
	case stageElsewhere:
		return "took another server's address"
	case stageWithheld:
		return "offered no address"
	case stageBroken:
		return "a transfer broke off"
	}
	return stage
}

// What asks for an address, as package boot names it.
const (
	byFirmware = "firmware"
	byIPXE     = "ipxe"
	bySystem   = "system"
)

// The names of loaders, as package boot has them.
const (
	fileGRUB = "grubx64.efi"
	fileIPXE = "snponly.efi"
	fileBIOS = "undionly.kpxe"
)
