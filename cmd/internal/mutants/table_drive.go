package main

// drives: what is opened, and what is believed of a drive's own words.
func drives() []mutant {
	const (
		bus     = "agent/drive/bus.go"
		open    = "agent/drive/open_linux.go"
		host    = "agent/drive/host.go"
		nvme    = "agent/nvme/format.go"
		refused = "agent/nvme/refused.go"
		id      = "agent/nvme/identify.go"
		ata     = "agent/drive/ata.go"
	)
	return []mutant{
		{name: "drive: floppy drives are no drives", file: bus, text: "|fd|", with: "|", test: "TestNeverADrive"},
		{name: "drive: boot partitions are no drives", file: bus, text: "`|^mmcblk\\d+(boot\\d+|rpmb|gp\\d+)$`",
			with: "``", test: "TestNeverADrive"},
		{name: "drive: remote ports are no local bus", file: bus,
			text: "case remote.MatchString(path) || !onBoard.MatchString(path):", with: "case !onBoard.MatchString(path):",
			test: "TestNeverADrive"},
		{name: "drive: local buses begin on the board", file: bus,
			text: "case remote.MatchString(path) || !onBoard.MatchString(path):", with: "case remote.MatchString(path):",
			test: "TestNeverADrive"},
		off("drive: NVMe over a fabric is no drive", "agent/drive/nvme.go", `if attr(c, "transport") != "pcie" {`, "TestFabricsAreRefused"),
		off("drive: an NVMe drive has a controller", "agent/drive/nvme.go", "if len(controllers) == 0 {", "TestFabricsAreRefused"),
		off("drive: excluded devices and unknown buses are not opened", open,
			`if d.Excluded != "" || d.Bus == api.BusUnknown {`, "TestOpenRefusesAnotherDrive"),
		{name: "drive: held alone", file: open, text: "|unix.O_EXCL|", with: "|", test: "TestOpenIsExclusive"},
		{name: "drive: not while mounted", file: open, text: "|unix.O_EXCL|", with: "|", test: "TestOpenRefusesAMountedDrive"},
		off("drive: identified again when open", open, "if now.ID() != d.ID() {", "TestOpenRefusesAnotherDrive"),
		{name: "drive: the node is that of sysfs", file: open, text: "number != want ||", with: "", test: "TestOpenRefusesAnotherDrive"},
		off("drive: size and sector are those of the inventory", open,
			"if uint64(dev.size) != d.SizeBytes || dev.sector != int(d.LogicalSector) {", "TestOpenRefusesAnotherDrive"),
		off("drive: doubled identities are found", host, "if other, ok := seen[name]; ok {", "TestDuplicates"),
		off("drive: identify data carry a checksum", ata, "if sum != 0 {", "TestParseATAIdentifyRefuses"),
		{name: "nvme: Format only if advertised", file: nvme, text: "if n.OACS&oacsFormat == 0 {",
			with: "if false && n.OACS&oacsFormat == 0 {", test: "TestCanFormat"},
		{name: "nvme: cryptographic erase only if advertised", file: nvme, text: "return ses != EraseCrypto || n.FNA&fnaCrypto != 0",
			with: "return ses != EraseCrypto || n.FNA&fnaCrypto != 0 || true", test: "TestCanFormat"},
		{name: "nvme: a format may reach all namespaces", file: nvme, text: "return n.FNA&(fnaFormatAll|fnaEraseAll) != 0",
			with: "return false && n.FNA&(fnaFormatAll|fnaEraseAll) != 0", test: "TestCanFormat"},
		{name: "nvme: only some refusals of Format mean that nothing ran", file: refused,
			text: "StatusOperationDenied, StatusWriteProtected, StatusProhibited, StatusInvalidFormat, StatusAccessDenied:\n		return true\n	}\n	return false",
			with: "StatusOperationDenied, StatusWriteProtected, StatusProhibited, StatusInvalidFormat, StatusAccessDenied:\n		return true\n	}\n	return true", test: "TestStatus"},
		{name: "nvme: only some refusals of Sanitize mean that nothing ran", file: refused,
			text: "StatusSanitizeProhibited, StatusSuspended, StatusAccessDenied:\n		return true\n	}\n	return false",
			with: "StatusSanitizeProhibited, StatusSuspended, StatusAccessDenied:\n		return true\n	}\n	return true", test: "TestStatus"},
		off("nvme: no answer is no refusal", refused, "if !errors.As(err, &answer) {", "TestStatus"),
		off("nvme: the format in use is one that exists", id, "if index > formats {", "TestParseNamespace"),
		off("nvme: an inactive namespace has no format", id, "if shift < 9 || shift > 24 {", "TestParseNamespace"),
	}
}
