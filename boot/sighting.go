package boot

// Sighting is one thing that the boot servers saw a machine do.
type Sighting struct {
	Client Client
	Stage  Stage
	// By is what in the machine asked, for the stages of DHCP; "" for others.
	By Asker
	// Chain is the way that the machine was sent, once it was sent one.
	Chain Chain
	// File is the name of what was fetched, or was to be.
	File string
	// Detail is for people: why a boot was refused, which other server gave
	// the address, how a transfer broke off. "" where the stage says it all.
	Detail string
}

// Asker is what in a machine asks for an address.
type Asker string

// The askers. One boot has them in this order; a system that asks without a boot
// before it was started from its own disk.
const (
	AskerFirmware Asker = "firmware" // PXE or HTTP Boot
	AskerIPXE     Asker = "ipxe"
	AskerSystem   Asker = "system" // an operating system, as the agent's
)

// Stage is what a machine did, or what came of it.
type Stage string

// The stages on the way to the agent, in order. Firmware, boot loader and agent
// each ask for the address, so the first two come several times in one boot.
const (
	StageOffer     Stage = "offer"     // it asked for an address and was offered one
	StageAddress   Stage = "address"   // it took the address; in proxy mode, another server's
	StageLoader    Stage = "loader"    // a boot loader was fetched whole
	StageScript    Stage = "script"    // the script for this machine was fetched
	StageKernel    Stage = "kernel"    // the kernel was fetched whole
	StageInitramfs Stage = "initramfs" // the initramfs was fetched whole
	// StageImageSize is the question that HTTP Boot asks before it fetches the
	// disk image: a firmware that cannot start one fetches no more.
	StageImageSize Stage = "image-size"
	// StageImage is loader, kernel and initramfs in one disk image
	// (ChainImage).
	StageImage Stage = "image"
)

// The stages at which the way to the agent ends, for now.
const (
	StageLocalDisk Stage = "local-disk" // it was sent to its own disk
	StageRefused   Stage = "refused"    // it was told to boot nothing
	StageUnserved  Stage = "unserved"   // nothing is served for its architecture
	StageElsewhere Stage = "elsewhere"  // it took another DHCP server's address
	StageWithheld  Stage = "withheld"   // it was offered no address
	StageBroken    Stage = "broken"     // a transfer broke off
)
