package boot

// File is a boot loader that Regain serves unchanged from its Debian package.
type File struct {
	// Name is the file's name in the boot directory and on the wire.
	Name string
	// Package is Debian 12's package, Path where the package puts the file.
	Package string
	Path    string
}

// The names of the files in the boot directory. The last two are built by
// Regain, the others are listed by Files.
const (
	FileBIOS      = "undionly.kpxe"
	FileUEFI      = "snponly.efi"
	FileShim      = "shimx64.efi"
	FileGRUB      = "grubx64.efi"
	FileKernel    = "vmlinuz"
	FileInitramfs = "initramfs"
)

// Files lists the loaders that the boot directory must hold beside the kernel
// and the initramfs. Shim asks for its second stage by the name grubx64.efi in
// its own directory, whatever the package calls it.
func Files() []File {
	return []File{
		{FileBIOS, "ipxe", "/usr/lib/ipxe/undionly.kpxe"},
		{FileUEFI, "ipxe", "/usr/lib/ipxe/snponly.efi"},
		{FileShim, "shim-signed", "/usr/lib/shim/shimx64.efi.signed"},
		{FileGRUB, "grub-efi-amd64-signed", "/usr/lib/grub/x86_64-efi-signed/grubnetx64.efi.signed"},
	}
}
