package script

import (
	"fmt"
	"strings"

	"regain.example/boot"
)

// The names under which GRUB asks for its configuration: Debian's signed network
// GRUB for the first one, which names the second.
const (
	GRUBConfig = "grub/grub.cfg"
	GRUBAgain  = "grub/again.cfg"
)

// localPath is the loader that UEFI starts from a disk without a boot entry
// (UEFI 2.10 section 3.5.1.1); Regain's master images have it.
const localPath = "/EFI/BOOT/BOOTX64.EFI"

const noLoader = `echo "Regain: no drive of this machine has a ` + localPath + ` that starts"`

// GRUB returns the configuration that carries out d. Files come by TFTP: Debian's
// signed GRUB has no http module.
//
// A machine that is refused, or did not get its files whole, asks again for ever.
// It does so in a loop: a configuration that called the next one would fill GRUB's
// stack within hours.
func (s Server) GRUB(d boot.Decision, cmdline string) (string, error) {
	once, err := s.GRUBOnce(d, cmdline)
	if err != nil {
		return "", err
	}
	return once + lines(
		"while true; do",
		`  echo "Regain: asking again in 15 seconds"`,
		"  sleep 15",
		"  source "+s.tftp(GRUBAgain),
		"done",
	), nil
}

// GRUBOnce returns what GRUB reads when it asks again.
func (s Server) GRUBOnce(d boot.Decision, cmdline string) (string, error) {
	switch d.Action {
	case boot.ActionLocalDisk:
		return say(d) + lines(
			// search looks at the firmware's disks only, so the network
			// this file came from is never found.
			"if search --no-floppy --file --set=root "+localPath+"; then",
			"  chainloader "+localPath,
			"  boot",
			"fi",
			// Also where Secure Boot refuses the loader; GRUB has said so.
			noLoader,
			"sleep 10",
			"exit", // to the firmware's next boot entry
		), nil
	case boot.ActionAgent:
		start, err := linux(s.tftp(boot.FileKernel), s.tftp(boot.FileInitramfs), cmdline)
		return say(d) + start, err
	}
	return say(d), nil
}

// linux starts the agent. Without its initramfs the kernel would stop for good, so
// it is not started then.
func linux(kernel, initramfs, cmdline string) (string, error) {
	line, err := words(cmdline)
	if err != nil {
		return "", err
	}
	return lines(
		fmt.Sprintf("if linux %s %s; then", kernel, line),
		fmt.Sprintf("  if initrd %s; then", initramfs),
		"    boot",
		"  fi",
		"fi",
	), nil
}

func say(d boot.Decision) string { return lines(`echo "Regain: ` + text(d.Reason) + `"`) }

func lines(l ...string) string { return strings.Join(l, "\n") + "\n" }

func (s Server) tftp(path string) string {
	return fmt.Sprintf("(tftp,%s)/%s", s.HTTP.Addr(), path)
}
