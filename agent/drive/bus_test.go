package drive

import (
	"testing"

	"regain.example/agent/api"
)

// The paths are put together from the kernel's sources (drivers/mmc/core/bus.c,
// drivers/mmc/host, drivers/pci/controller/vmd.c, drivers/ufs/core), where no
// machine of that kind was at hand.
func TestBusOf(t *testing.T) {
	const root = "pci0000:00/0000:00:"
	for name, c := range map[string]struct {
		path  string
		bus   api.Bus
		local bool
	}{
		"NVMe behind VMD":           {root + "0e.0/pci10000:e0/10000:e0:06.0/10000:e1:00.0/nvme/nvme0/nvme0n1", api.BusNVMe, true},
		"SATA behind VMD":           {root + "0e.0/pci10000:e0/10000:e0:17.0/ata1/host0/target0:0:0/0:0:0:0/block/sda", api.BusATA, true},
		"IDE":                       {root + "01.1/ata1/host0/target0:0:0/0:0:0:0/block/sda", api.BusATA, true},
		"eMMC on PCI":               {root + "1c.0/mmc_host/mmc0/mmc0:0001/block/mmcblk0", api.BusMMC, true},
		"eMMC of an Atom, by ACPI":  {"platform/80860F14:00/mmc_host/mmc0/mmc0:0001/block/mmcblk0", api.BusMMC, true},
		"SD card, Realtek on PCI":   {root + "1c.4/0000:04:00.0/rtsx_pci_sdmmc.0/mmc_host/mmc0/mmc0:59b4/block/mmcblk0", api.BusMMC, true},
		"SD card, Realtek on USB":   {root + "14.0/usb1/1-6/1-6:1.0/rtsx_usb_sdmmc.1.auto/mmc_host/mmc0/mmc0:aaaa/block/mmcblk0", api.BusMMC, true},
		"SD card, a plain reader":   {root + "14.0/usb1/1-6/1-6:1.0/host6/target6:0:0/6:0:0:0/block/sdb", api.BusUSB, true},
		"UFS":                       {root + "12.7/host2/target2:0:0/2:0:0:0/block/sda", api.BusSCSI, true},
		"SAS":                       {root + "02.0/0000:01:00.0/host0/port-0:0/end_device-0:0/target0:0:0/0:0:0:0/block/sda", api.BusSAS, true},
		"RAID adapter":              {root + "02.0/0000:01:00.0/host0/target0:2:0/0:2:0:0/block/sda", api.BusSCSI, true},
		"Memory Stick":              {root + "1c.4/0000:04:00.0/rtsx_pci_ms.0/memstick_host/memstick0/memstick0/block/mspblk0", api.BusUnknown, true},
		"Fibre Channel":             {root + "02.0/0000:01:00.0/host0/rport-0:0-1/target0:0:0/0:0:0:0/block/sda", api.BusUnknown, false},
		"iSCSI":                     {"platform/host3/session1/target3:0:0/3:0:0:1/block/sdb", api.BusUnknown, false},
		"a target made by software": {"pseudo_0/adapter0/host4/target4:0:0/4:0:0:0/block/sdc", api.BusUnknown, false},
	} {
		if bus, local := busOf(c.path); bus != c.bus || local != c.local {
			t.Errorf("%s: %q, %v; want %q, %v", name, bus, local, c.bus, c.local)
		}
	}
}
