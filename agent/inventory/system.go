package inventory

import (
	"path/filepath"
	"strconv"

	"regain.example/agent/api"
)

// system reads the kernel's copy of the SMBIOS strings and the UUID from the
// table itself, since the kernel leaves out some of the invalid ones.
func (m Machine) system() api.System {
	id := func(name string) string { return text(filepath.Join(m.Sys, "class/dmi/id", name)) }
	chassis, _ := strconv.ParseUint(id("chassis_type"), 10, 8)
	s := api.System{
		UUID:              id("product_uuid"),
		Manufacturer:      id("sys_vendor"),
		Product:           id("product_name"),
		Version:           id("product_version"),
		Serial:            id("product_serial"),
		SKU:               id("product_sku"),
		BoardManufacturer: id("board_vendor"),
		BoardProduct:      id("board_name"),
		BoardSerial:       id("board_serial"),
		ChassisType:       uint8(chassis),
		ChassisSerial:     id("chassis_serial"),
		AssetTag:          id("chassis_asset_tag"),
		BIOSVendor:        id("bios_vendor"),
		BIOSVersion:       id("bios_version"),
		BIOSDate:          id("bios_date"),
	}
	if uuid, ok := systemUUID(m.smbios()); ok {
		s.UUID = uuid
	}
	return s
}
