package inventory

import (
	"errors"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"regain.example/agent/api"
	"regain.example/agent/drive"
	"regain.example/agent/drive/drivetest"
	"regain.example/agent/nvme"
)

// silent drives answer no question: what sysfs tells is enough here.
type silent struct{}

func (silent) ATAIdentify(string) ([]byte, error) { return nil, errors.New("not asked") }

func (silent) NVMe(string) (nvme.Transport, error) { return nil, errors.New("not asked") }

// storageOf takes stock of the QEMU guest of drivetest with more lines in its
// sysfs, its drives found as on a bench.
func storageOf(t *testing.T, more ...[]string) api.Inventory {
	t.Helper()
	var lines []string
	for _, m := range more {
		lines = append(lines, m...)
	}
	m := machine(t, lines...)
	m.Drives = drive.NewHost(m.Sys, t.TempDir(), silent{})
	return take(t, m, "")
}

// function makes the lines of a PCI function, as sysfs shows it (Linux
// Documentation/ABI/testing/sysfs-bus-pci). The path is that below
// devices/pci0000:00.
func function(path, class, id, driver string, more ...string) []string {
	dir := "devices/pci0000:00/" + path
	vendor, device, _ := strings.Cut(id, ":")
	lines := []string{
		"L bus/pci/devices/" + filepath.Base(path) + " ../../../" + dir,
		"F " + dir + `/class "` + class + `\n"`,
		"F " + dir + `/vendor "0x` + vendor + `\n"`,
		"F " + dir + `/device "0x` + device + `\n"`,
	}
	if driver != "" {
		up := strings.Repeat("../", strings.Count(dir, "/")+1)
		lines = append(lines, "L "+dir+"/driver "+up+"bus/pci/drivers/"+driver)
	}
	for _, m := range more {
		lines = append(lines, "F "+dir+"/"+m)
	}
	return lines
}

// table makes the line of the SMBIOS table.
func table(structures ...string) []string {
	return []string{"F firmware/dmi/tables/DMI " + strconv.Quote(strings.Join(structures, ""))}
}

func device(t *testing.T, inv api.Inventory, kind api.StorageKind, address string) api.StorageDevice {
	t.Helper()
	for _, d := range inv.Storage {
		if d.Kind == kind && d.Address == address {
			return d
		}
	}
	t.Errorf("%s %s is not in the inventory: %+v", kind, address, inv.Storage)
	return api.StorageDevice{}
}

func TestPCIStorage(t *testing.T) {
	inv := storageOf(t,
		function("0000:00:02.0", "0x010802", "1b36:0010", "nvme"),
		function("0000:00:04.0", "0x010802", "1b36:0010", "nvme"),
		function("0000:00:06.0", "0x010000", "1af4:1001", "virtio-pci"),
		[]string{"L devices/pci0000:00/0000:00:06.0/virtio0/driver ../../../../bus/virtio/drivers/virtio_blk"},
		function("0000:00:07.0", "0x010000", "1af4:1004", "virtio-pci"),
		function("0000:00:09.0", "0x080501", "1b36:0007", "sdhci-pci"),
		function("0000:00:0a.0", "0x020000", "8086:10d3", ""),
		function("0000:00:0b.0", "0x010000", "1022:2020", ""),
		function("0000:00:17.0", "0x010400", "8086:282a", "ahci", `remapped_nvme "2\n"`),
		function("0000:00:1f.2", "0x010601", "8086:2922", "ahci", `remapped_nvme "0\n"`),
	)
	for _, want := range []api.StorageDevice{
		{Address: "0000:00:02.0", Name: "NVMe controller", Class: 0x010802, Vendor: 0x1b36, Device: 0x10, Driver: "nvme", Drives: []string{"nvme0n1"}},
		// Namespaces that the kernel shows through a subsystem.
		{Address: "0000:00:04.0", Name: "NVMe controller", Class: 0x010802, Vendor: 0x1b36, Device: 0x10, Driver: "nvme", Drives: []string{"nvme2n1", "nvme2n2"}},
		// virtio-pci carries; what counts is who serves.
		{Address: "0000:00:06.0", Name: "SCSI controller", Class: 0x010000, Vendor: 0x1af4, Device: 0x1001, Driver: "virtio_blk", Drives: []string{"vda"}},
		{Address: "0000:00:07.0", Name: "SCSI controller", Class: 0x010000, Vendor: 0x1af4, Device: 0x1004, Driver: "", Drives: []string{"sdc", "sdd", "sr1"}},
		{Address: "0000:00:09.0", Name: "SD host controller", Class: 0x080501, Vendor: 0x1b36, Device: 7, Driver: "sdhci-pci", Drives: []string{"mmcblk0"}},
		// No driver took it, or the driver gave up: the kernel shows both alike.
		{Address: "0000:00:0b.0", Name: "SCSI controller", Class: 0x010000, Vendor: 0x1022, Device: 0x2020},
		{Address: "0000:00:17.0", Name: "RAID controller", Class: 0x010400, Vendor: 0x8086, Device: 0x282a, Driver: "ahci", Remapped: 2},
		{Address: "0000:00:1f.2", Name: "SATA controller", Class: 0x010601, Vendor: 0x8086, Device: 0x2922, Driver: "ahci", Drives: []string{"sda", "sdb", "sr0"}},
	} {
		want.Kind = api.StoragePCI
		if got := device(t, inv, api.StoragePCI, want.Address); !reflect.DeepEqual(got, want) {
			t.Errorf("%+v\nwant %+v", got, want)
		}
	}
	for _, d := range inv.Storage {
		if d.Address == "0000:00:0a.0" {
			t.Errorf("a network function among the storage: %+v", d)
		}
	}
}

// controller makes the lines of an NVMe controller that shows no namespace.
func controller(name, address, state string) []string {
	dir := "devices/pci0000:00/" + address + "/nvme/" + name
	return []string{
		"L class/nvme/" + name + " ../../" + dir,
		"F " + dir + `/model "ACME   SSD  1\n"`,
		"F " + dir + `/serial "S1\n"`,
		"F " + dir + `/transport "pcie\n"`,
		"F " + dir + `/address "` + address + `\n"`,
		"F " + dir + `/state "` + state + `\n"`,
	}
}

func TestNVMeControllers(t *testing.T) {
	inv := storageOf(t,
		[]string{
			"L class/nvme/nvme2 ../../devices/pci0000:00/0000:00:04.0/nvme/nvme2",
			`F devices/pci0000:00/0000:00:04.0/nvme/nvme2/state "live\n"`,
			`F devices/pci0000:00/0000:00:04.0/nvme/nvme2/address "0000:00:04.0\n"`,
			`F devices/virtual/nvme-fabrics/ctl/nvme8/transport "tcp\n"`,
			"L class/nvme/nvme8 ../../devices/virtual/nvme-fabrics/ctl/nvme8",
		},
		controller("nvme7", "0000:00:0c.0", "dead"),
		function("0000:00:0c.0", "0x010802", "144d:a808", "nvme"),
	)
	got := device(t, inv, api.StorageNVMe, "nvme2")
	want := api.StorageDevice{Kind: api.StorageNVMe, Address: "nvme2", Name: "QEMU NVMe Ctrl", State: "live",
		PCIAddress: "0000:00:04.0", Drives: []string{"nvme2n1", "nvme2n2"}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v\nwant %+v", got, want)
	}
	// A controller without a disk has no drive, although the inventory names it
	// among the drives so that its machine does not pass unseen.
	got = device(t, inv, api.StorageNVMe, "nvme7")
	want = api.StorageDevice{Kind: api.StorageNVMe, Address: "nvme7", Name: "ACME SSD 1", State: "dead", PCIAddress: "0000:00:0c.0"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v\nwant %+v", got, want)
	}
	if behind := device(t, inv, api.StoragePCI, "0000:00:0c.0").Drives; behind != nil {
		t.Errorf("behind the dead controller: %v", behind)
	}
	for _, d := range inv.Storage {
		if d.Address == "nvme8" {
			t.Errorf("a drive elsewhere among the storage: %+v", d)
		}
	}
}

func TestSlots(t *testing.T) {
	port := "0000:00:1d.0"
	vmd := "0000:00:0e.0/pci10000:e0/10000:e0:06.0"
	inv := storageOf(t,
		function("0000:00:02.0", "0x010802", "1b36:0010", "nvme"),
		function(port, "0x060400", "8086:9d18", "pcieport"),
		function(port+"/0000:03:00.0", "0x010802", "144d:a808", ""),
		function("0000:00:1d.4", "0x060400", "8086:9d1c", "pcieport"),
		function("0000:00:06.0", "0x088000", "8086:09ab", ""),
		function(vmd, "0x060400", "8086:9a09", "pcieport"),
		function(vmd+"/10000:e1:00.0", "0x010802", "144d:a808", "nvme"),
		table(
			systemSlot("its own function", 0x17, usageInUse, 0, 0, 2<<3),
			systemSlot("a port with a device", 0x17, usageInUse, 0, 0, 0x1d<<3),
			systemSlot("a port alone", 0x17, usageInUse, 0, 0, 0x1d<<3|4),
			systemSlot("not on the bus", 0x17, usageInUse, 0, 9, 0),
			systemSlot("no address", 0x17, usageInUse, 0xffff, 0xff, 0xff),
			systemSlot("empty", 0x17, usageAvailable, 0, 9, 0),
			systemSlot("behind VMD", 0x17, usageInUse, 0, 0, 6<<3),
		))
	for _, want := range []api.StorageDevice{
		{Address: "its own function", InUse: true, PCIAddress: "0000:00:02.0", Present: true, Drives: []string{"nvme0n1"}},
		{Address: "a port with a device", InUse: true, PCIAddress: "0000:00:1d.0", Present: true},
		{Address: "a port alone", InUse: true, PCIAddress: "0000:00:1d.4"},
		{Address: "not on the bus", InUse: true, PCIAddress: "0000:09:00.0"},
		{Address: "no address", InUse: true},
		{Address: "empty", PCIAddress: "0000:09:00.0"},
		{Address: "behind VMD", InUse: true, PCIAddress: "0000:00:06.0", Present: true},
	} {
		want.Kind, want.Name = api.StorageSlot, "M.2 Socket 3 (key M)"
		if got := device(t, inv, api.StorageSlot, want.Address); !reflect.DeepEqual(got, want) {
			t.Errorf("%+v\nwant %+v", got, want)
		}
	}
}

// A VMD port that went away with its drive leaves the slot unaccounted for.
func TestSlotBehindVMDMissing(t *testing.T) {
	inv := storageOf(t,
		function("0000:00:06.0", "0x088000", "8086:09ab", ""),
		function("0000:00:0e.0/pci10000:e0/10000:e0:1d.0", "0x060400", "8086:9a09", "pcieport"),
		table(systemSlot("M2", 0x17, usageInUse, 0, 0, 6<<3)))
	if d := device(t, inv, api.StorageSlot, "M2"); d.Present {
		t.Errorf("%+v", d)
	}
}

func TestBays(t *testing.T) {
	inv := storageOf(t,
		function("0000:00:02.0", "0x010802", "1b36:0010", "nvme"),
		function("0000:00:04.0", "0x010802", "1b36:0010", "nvme"),
		table(
			systemSlot("M.2 SSD1", 0x17, usageInUse, 0, 0, 2<<3),
			systemSlot("M.2 SSD2", 0x17, usageInUse, 0, 0, 4<<3),
			systemSlot("M.2 SSD3", 0x17, usageInUse, 0, 0, 0x55),
		),
		[]string{
			"L class/enclosure/6:0:9:0/Slot\u00a001/device ../../../../devices/pci0000:00/0000:00:07.0/virtio1/host6/target6:0:0/6:0:0:0",
			"L class/enclosure/6:0:9:0/3/device ../../../../devices/pci0000:00/0000:00:07.0/virtio1/host6/target6:0:3/6:0:3:0",
			`F class/enclosure/6:0:9:0/components "2\n"`,
		})
	want := map[string]string{
		"nvme0n1": "M.2 SSD1", "nvme2n1": "M.2 SSD2", "nvme2n2": "M.2 SSD2",
		"sdc": "Slot 01", "sdd": "bay 3",
	}
	if len(inv.Drives) < 10 {
		t.Fatalf("%d drives", len(inv.Drives))
	}
	for _, d := range inv.Drives {
		if d.Bay != want[d.Node] {
			t.Errorf("%s: bay %q, want %q", d.Node, d.Bay, want[d.Node])
		}
	}
}

// A machine that tells nothing of PCI or SMBIOS has no storage devices, and no
// error.
func TestNoStorageTold(t *testing.T) {
	m := Machine{Sys: t.TempDir(), Proc: t.TempDir(), Drives: drives{}, PermanentMAC: machine(t).PermanentMAC}
	if inv := take(t, m, ""); len(inv.Storage) != 0 {
		t.Errorf("%+v", inv.Storage)
	}
}

// What the tests above build upon: the captured guest shows these drives.
func TestCapturedDrives(t *testing.T) {
	host := drive.NewHost(drivetest.Sysfs(t, drivetest.QEMU), t.TempDir(), silent{})
	found, err := host.Discover()
	if err != nil || len(found) < 10 {
		t.Fatalf("%d drives, %v", len(found), err)
	}
}
