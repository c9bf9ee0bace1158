package script

import (
	"fmt"

	"regain.example/boot"
	"regain.example/boot/esp"
)

// Image returns GRUB's configuration in the disk image that UEFI's HTTP Boot
// fetches. Everything that it names lies in the image: started by HTTP Boot, GRUB
// has no network of its own. So a machine that is to ask again restarts.
func Image(d boot.Decision, cmdline string) (string, error) {
	switch d.Action {
	case boot.ActionLocalDisk:
		return say(d) + lines(
			// Not search: it would find the loader in this image first. The
			// image is known by its initramfs.
			"for disk in (*); do",
			fmt.Sprintf(`  if [ -f "$disk%s" ]; then`, localPath),
			fmt.Sprintf(`    if [ ! -f "$disk%s" ]; then`, esp.Initramfs),
			// The loader is told that it comes from root, wherever it was.
			"      set root=$disk",
			"      chainloader "+localPath,
			"      boot",
			"    fi",
			"  fi",
			"done",
			noLoader,
			"sleep 10",
			"exit", // to the firmware's next boot entry
		), nil
	case boot.ActionAgent:
		start, err := linux(esp.Kernel, esp.Initramfs, cmdline)
		return say(d) + start + restart, err
	}
	return say(d) + restart, nil
}

// restart leaves time to read, and for others to fetch their images.
const restart = "echo \"Regain: restarting in 60 seconds, to ask again\"\nsleep 60\nreboot\n"
