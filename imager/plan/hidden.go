package plan

import (
	"fmt"

	"regain.example/agent/api"
)

// PCI classes of storage (PCI Code and ID Assignment Specification, section 1.2),
// and the makers whose firmware has a switch that hides drives.
const (
	classRAID   = 0x0104
	classOther  = 0x0180
	classSDHost = 0x0805
	classSAS    = 0x0107
	classSCSI   = 0x0100
	classNVMe   = 0x0108

	vendorIntel = 0x8086
	vendorAMD   = 0x1022
)

// hiddenFunction says what hides behind a storage function on PCI, and which of
// the firmware's settings shows it:
//
//	remapped above 0              Intel RST or Optane remaps NVMe drives
//	no driver, Intel, RAID class  VMD or RST in a mode that nothing here knows
//	no driver, AMD, RAID class    NVMe RAID (RAIDXpert2): each drive is such a function
//	no driver, SD host or other   mostly a card reader
//	no driver, NVMe               the driver gave the drive up
//	no driver, SCSI, SAS, RAID    an adapter that nothing here can drive
//
// What Linux sees (SATA in Intel's RAID mode, NVMe behind VMD) has a driver.
func hiddenFunction(s api.StorageDevice) string {
	switch {
	case s.Remapped > 0:
		return fmt.Sprintf(`%s hidden behind the SATA controller at %s (Intel RST): %s%s; if there is a switch for Optane memory, switch it off, too`,
			are(s.Remapped, "NVMe drive"), s.Address, switchRST, setup)
	case s.Driver == "":
		return fmt.Sprintf("nothing here can drive the %s at %s (%04x:%04x), and drives may hide behind it: %s", s.Name, s.Address, s.Vendor, s.Device, uncover(s))
	}
	return ""
}

// uncover says what to do about a function without a driver.
func uncover(s api.StorageDevice) string {
	const pull = "pull its drives, seal them and declare them withdrawn, and take the adapter out or switch it off " + setup
	switch class := s.Class >> 8; {
	case class == classNVMe:
		return "power the machine off and on; if it comes back like this, " + withdraw
	case class == classRAID && s.Vendor == vendorIntel:
		return switchVMD + setup + "; " + switchRST + setup + "; if nothing changes, " + pull
	case class == classRAID && s.Vendor == vendorAMD:
		return switchAMD + setup + "; if nothing changes, " + pull
	case class == classSDHost, class == classOther:
		return "take out the card if it is a card reader, and switch the reader off " + setup + "; else " + pull
	case class == classRAID, class == classSAS, class == classSCSI:
		return `if it is a RAID adapter, set it to "HBA" or "IT" mode ` + setup + "; else " + pull
	}
	return `set "SATA Operation" or "SATA Mode" to "AHCI" ` + setup + "; if it has no drive, switch it off there; else " + pull
}

// are is "1 NVMe drive is" or "2 NVMe drives are".
func are(n int, what string) string {
	if n == 1 {
		return "1 " + what + " is"
	}
	return fmt.Sprintf("%d %ss are", n, what)
}

// The names of the switches: of Intel's SATA controller, in the words of Dell,
// Lenovo and HP, of the controller in Intel's processors, and of AMD's boards.
const (
	switchRST = `set "SATA Operation" ("SATA Mode", "Storage Controller Mode", "Controller Mode") from "RAID On", "Intel RST" or "Optane" to "AHCI" `
	switchVMD = `set "VMD Controller" ("Intel VMD Technology", "Enable VMD") to "Disabled" `
	switchAMD = `set "NVMe RAID Mode" (RAIDXpert2) to "Disabled" and "SATA Mode" to "AHCI" `
)
