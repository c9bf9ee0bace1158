// Command emptyinit is an init that does nothing: what a boot costs without the
// agent. It says on the console that it runs, and halts.
package main

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

func main() {
	fmt.Println("an empty init runs")
	if err := unix.Reboot(unix.LINUX_REBOOT_CMD_HALT); err != nil {
		fmt.Fprintln(os.Stderr, "halt:", err)
		os.Exit(1)
	}
}
