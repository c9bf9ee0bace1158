package script

import (
	"fmt"
	"strings"

	"regain.example/boot"
)

// GRUBConfig is the name under which Debian's signed network GRUB asks for its
// configuration.
const GRUBConfig = "grub/grub.cfg"

// localPath is the loader that UEFI starts from a disk without a boot entry
// (UEFI 2.10 section 3.5.1.1); Regain's master images have it.
const localPath = "/EFI/BOOT/BOOTX64.EFI"

// GRUB returns the configuration that carries out d. A machine meets GRUB only
// when it was to boot its disk; the other decisions are here because it may have
// been decided anew meanwhile. Files come by TFTP: Debian's signed GRUB has no
// http module.
func (s Server) GRUB(d boot.Decision, cmdline string) (string, error) {
	switch d.Action {
	case boot.ActionLocalDisk:
		return s.grub(d,
			// search looks at the firmware's disks only, so the network
			// this file came from is never found.
			"if search --no-floppy --file --set=root "+localPath+"; then",
			"  chainloader "+localPath,
			"  boot",
			"fi",
			// Also where Secure Boot refuses the loader; GRUB has said so.
			`echo "Regain: no drive of this machine has a `+localPath+` that starts"`,
			"sleep 10",
			"exit", // to the firmware's next boot entry
		), nil
	case boot.ActionAgent:
		line, err := words(cmdline)
		if err != nil {
			return "", err
		}
		return s.grub(d,
			fmt.Sprintf("if linux %s %s; then", s.tftp(boot.FileKernel), line),
			"  initrd "+s.tftp(boot.FileInitramfs),
			"  boot",
			"fi",
			s.grubAgain(),
		), nil
	}
	return s.grub(d, s.grubAgain()), nil
}

func (s Server) grub(d boot.Decision, lines ...string) string {
	return "echo \"Regain: " + text(d.Reason) + "\"\n" + strings.Join(lines, "\n") + "\n"
}

func (s Server) grubAgain() string {
	return "echo \"Regain: asking again in 15 seconds\"\nsleep 15\nconfigfile " + s.tftp(GRUBConfig)
}

func (s Server) tftp(path string) string {
	return fmt.Sprintf("(tftp,%s)/%s", s.HTTP.Addr(), path)
}
