package main

// hardware: what the bench is given for the machine's adapters, and which of them
// it takes.
func hardware() []mutant {
	const (
		network  = "agent/network/network.go"
		firmware = "cmd/internal/mkinitramfs/firmware.go"
	)
	return []mutant{
		{name: "network: another adapter only when the boot's has no driver", file: network,
			text: `if len(out) == 0 || mac != "" && !found && !others {`, with: "if len(out) == 0 {", test: "TestWaitsForTheBootInterface"},
		off("firmware: below its directory", firmware, "if !filepath.IsLocal(name) {", "TestFirmwareOutside"),
	}
}
