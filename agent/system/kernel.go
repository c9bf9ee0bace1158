package system

import "os"

// Quiet keeps the kernel's messages off the screen but for emergencies, and the
// screen lit. Errors do not matter: the bench works with messages too.
func Quiet() {
	// kernel.printk, first field: levels below it reach the console
	// (Documentation/admin-guide/sysctl/kernel.rst).
	_ = os.WriteFile("/proc/sys/kernel/printk", []byte("1 4 1 7"), 0o644)
}

// CommandLine returns the kernel's command line.
func CommandLine() (string, error) {
	b, err := os.ReadFile("/proc/cmdline")
	return string(b), err
}
