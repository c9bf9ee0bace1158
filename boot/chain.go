package boot

// Chain is a way from the firmware to the agent.
type Chain string

// The chains. Which one a machine is sent is decided by package chain.
const (
	// ChainIPXE is iPXE, which fetches script, kernel and initramfs by HTTP.
	// On UEFI it needs Secure Boot off.
	ChainIPXE Chain = "ipxe"
	// ChainShim is shim, then GRUB, all by TFTP, with Secure Boot on or off.
	ChainShim Chain = "shim"
	// ChainImage is a disk image with shim, GRUB, kernel and initramfs, which
	// UEFI's HTTP Boot fetches whole, with Secure Boot on or off.
	ChainImage Chain = "image"
)
