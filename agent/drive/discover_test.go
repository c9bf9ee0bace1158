package drive_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"regain.example/agent/api"
	"regain.example/agent/drive"
	"regain.example/agent/drive/drivetest"
	"regain.example/agent/lab"
	"regain.example/agent/nvme"
)

// answers stands for the devices behind a captured sysfs.
type answers struct {
	ata  map[string][]byte
	nvme map[string]nvme.Transport
}

func (a answers) ATAIdentify(node string) ([]byte, error) {
	if b, ok := a.ata[node]; ok {
		return b, nil
	}
	return nil, errors.New("no answer")
}

func (a answers) NVMe(controller string) (nvme.Transport, error) {
	if t, ok := a.nvme[controller]; ok {
		return t, nil
	}
	return nil, os.ErrNotExist
}

func discover(t *testing.T, a answers, more ...string) map[string]api.Drive {
	t.Helper()
	drives, err := drive.NewHost(drivetest.Sysfs(t, drivetest.QEMU, more...), t.TempDir(), a).Discover()
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]api.Drive{}
	for _, d := range drives {
		found[d.Node] = d
	}
	return found
}

// The guest had these drives; see the -device lines in testdata/README.md.
func TestDiscoverQEMU(t *testing.T) {
	found := discover(t, answers{})
	for node, want := range map[string]api.Drive{
		"sda":     {Bus: api.BusATA, Model: "REGAIN_SATA_DISK", Serial: "SATA0001", Firmware: "2.5+", WWN: "naa.5000c50012345678", SizeBytes: 41943552, PhysicalSector: 512, Rotational: true, Location: "pci0000:00/0000:00:1f.2/ata-port1/scsi-0:0:0"},
		"sdb":     {Bus: api.BusATA, Model: "QEMU HARDDISK", Serial: "SATA4K", Firmware: "2.5+", SizeBytes: 16777216, PhysicalSector: 4096, Rotational: true, Location: "pci0000:00/0000:00:1f.2/ata-port3/scsi-0:0:0"},
		"sdc":     {Bus: api.BusSCSI, Model: "QEMU QEMU HARDDISK", Serial: "SCSI0001", Firmware: "2.5+", WWN: "naa.5000c500aabbccdd", SizeBytes: 25166336, PhysicalSector: 512, Rotational: true, Location: "pci0000:00/0000:00:07.0/scsi-0:0:0"},
		"sdd":     {Bus: api.BusSCSI, Model: "QEMU QEMU HARDDISK", Firmware: "2.5+", SizeBytes: 8388608, PhysicalSector: 512, Rotational: true, Location: "pci0000:00/0000:00:07.0/scsi-0:3:0"},
		"sde":     {Bus: api.BusUSB, Model: "QEMU QEMU HARDDISK", Serial: "USB0001", SerialOfBridge: true, Firmware: "2.5+", SizeBytes: 8388608, PhysicalSector: 512, Rotational: true, Location: "pci0000:00/0000:00:08.0/usb-port1/usb-function1.0/scsi-0:0:0"},
		"vda":     {Bus: api.BusVirtio, Model: "virtio 1af4", Serial: "VBLK0001", SizeBytes: 16777216, PhysicalSector: 512, Rotational: true, Location: "pci0000:00/0000:00:06.0"},
		"mmcblk0": {Bus: api.BusMMC, Model: "QEMU!", Serial: "aa585951454d552101deadbeef006200", Firmware: "0x1", SizeBytes: 16777216, PhysicalSector: 512, Location: "pci0000:00/0000:00:09.0/card4567"},
		"nvme0n1": {Bus: api.BusNVMe, Model: "QEMU NVMe Ctrl", Serial: "NVME0001", Firmware: "7.2.22", SizeBytes: 50331648, PhysicalSector: 512, Location: "pci0000:00/0000:00:02.0/nvme/ns1"},
		"nvme1n1": {Bus: api.BusNVMe, Model: "QEMU NVMe Ctrl", Serial: "NVME0002", Firmware: "7.2.22", SizeBytes: 41947136, LogicalSector: 4096, PhysicalSector: 4096, Location: "pci0000:00/0000:00:03.0/nvme/ns1"},
		"nvme2n1": {Bus: api.BusNVMe, Model: "QEMU NVMe Ctrl", Serial: "NVME0003", Firmware: "7.2.22", SizeBytes: 16777216, PhysicalSector: 512, Location: "pci0000:00/0000:00:04.0/nvme/ns1"},
		"nvme2n2": {Bus: api.BusNVMe, Model: "QEMU NVMe Ctrl", Serial: "NVME0003", Firmware: "7.2.22", WWN: "nvme.1b36-4e564d4530303033-51454d55204e564d65204374726c-00000002", SizeBytes: 16777216, PhysicalSector: 512, Location: "pci0000:00/0000:00:04.0/nvme/ns2"},
		"nvme3n1": {Bus: api.BusNVMe, Model: "QEMU NVMe Ctrl", Serial: "NVME0004", Firmware: "7.2.22", SizeBytes: 8389120, PhysicalSector: 512, Location: "pci0000:00/0000:00:05.0/nvme/ns1"},
		"sr0":     {Bus: api.BusATA, Model: "QEMU QEMU DVD-ROM", Firmware: "2.5+", SizeBytes: 1073741312, PhysicalSector: 512, Rotational: true, Removable: true, ReadOnly: true, Location: "pci0000:00/0000:00:1f.2/ata-port2/scsi-0:0:0", Excluded: "optical drive"},
		"sr1":     {Bus: api.BusSCSI, Model: "QEMU QEMU CD-ROM", Firmware: "2.5+", SizeBytes: 1073741312, PhysicalSector: 512, Rotational: true, Removable: true, ReadOnly: true, Location: "pci0000:00/0000:00:07.0/scsi-0:5:0", Excluded: "optical drive"},
	} {
		got, ok := found[node]
		delete(found, node)
		want.Node = node
		if want.LogicalSector == 0 {
			want.LogicalSector = 512
		}
		got.NVMe = nil
		if !ok || got != want {
			t.Errorf("%s:\n got %+v\nwant %+v", node, got, want)
		}
	}
	for node, d := range found {
		t.Errorf("%s is no drive: %+v", node, d)
	}
}

// disk writes the lines of one more block device.
func disk(path string, attributes ...string) []string {
	node := filepath.Base(path)
	lines := []string{"L block/" + node + " ../devices/" + path}
	for _, a := range append([]string{"size=2048", "removable=0", "ro=0"}, attributes...) {
		name, value, _ := strings.Cut(a, "=")
		lines = append(lines, "F devices/"+path+"/"+name+` "`+value+`\n"`)
	}
	return lines
}

func TestNeverADrive(t *testing.T) {
	for _, path := range []string{
		"virtual/block/loop0", "virtual/block/dm-0", "virtual/block/md127", "virtual/block/zram0",
		"virtual/block/nbd0", "virtual/block/ram0", "virtual/block/anything",
		"platform/floppy.0/block/fd0",
		// iSCSI, Fibre Channel, SRP, and a SCSI target made by software.
		"platform/host3/session1/target3:0:0/3:0:0:0/block/sdx",
		"pci0000:00/0000:00:03.0/host4/session2/target4:0:0/4:0:0:0/block/sdx",
		"pci0000:00/0000:00:03.0/host5/rport-5:0-2/target5:0:0/5:0:0:0/block/sdx",
		"tcm_loop_0/tcm_loop_adapter_0/host6/target6:0:1/6:0:1:0/block/sdx",
		"pseudo_0/adapter0/host7/target7:0:0/7:0:0:0/block/sdx",
		// Hardware partitions of an eMMC, and one path of a multipath namespace.
		"pci0000:00/0000:00:1c.0/mmc_host/mmc1/mmc1:0001/block/mmcblk1/mmcblk1boot0",
		"pci0000:00/0000:00:1c.0/mmc_host/mmc1/mmc1:0001/block/mmcblk1/mmcblk1rpmb",
		"pci0000:00/0000:00:1d.0/nvme/nvme9/nvme9c9n1",
	} {
		node := filepath.Base(path)
		if d, ok := discover(t, answers{}, disk(path)...)[node]; ok {
			t.Errorf("%s: %+v", path, d)
		}
	}
}

func TestFabricsAreRefused(t *testing.T) {
	over := func(transport string) []string {
		return append(disk("virtual/nvme-fabrics/ctl/nvme8/nvme8n1", "nsid=1"),
			`F devices/virtual/nvme-fabrics/ctl/nvme8/transport "`+transport+`\n"`)
	}
	multipath := append(disk("virtual/nvme-subsystem/nvme-subsys8/nvme8n2", "nsid=2"),
		"L devices/virtual/nvme-subsystem/nvme-subsys8/nvme8 ../../nvme-fabrics/ctl/nvme8")
	mixed := append(disk("virtual/nvme-subsystem/nvme-subsys7/nvme7n1", "nsid=1"),
		"L devices/virtual/nvme-subsystem/nvme-subsys7/nvme8 ../../nvme-fabrics/ctl/nvme8",
		"L devices/virtual/nvme-subsystem/nvme-subsys7/nvme0 ../../../pci0000:00/0000:00:02.0/nvme/nvme0")
	nobody := disk("virtual/nvme-subsystem/nvme-subsys6/nvme6n1", "nsid=1")
	for _, transport := range []string{"tcp", "rdma", "fc", "loop", ""} {
		found := discover(t, answers{}, slices.Concat(over(transport), multipath, mixed, nobody)...)
		for _, node := range []string{"nvme8n1", "nvme8n2", "nvme7n1", "nvme6n1"} {
			if d, ok := found[node]; ok {
				t.Errorf("%s over %q: %+v", node, transport, d)
			}
		}
	}
}

func TestSpecialDrives(t *testing.T) {
	reader := disk("pci0000:00/0000:00:14.0/usb2/2-3/2-3:1.0/host9/target9:0:0/9:0:0:1/block/sdx", "size=0", "removable=1")
	dead := disk("pci0000:00/0000:00:17.0/ata7/host10/target10:0:0/10:0:0:0/block/sdy", "size=0")
	pmem := disk("LNXSYSTM:00/ACPI0012:00/ndbus0/region0/namespace0.0/block/pmem0")
	sas := disk("pci0000:00/0000:00:1b.0/host11/port-11:0/end_device-11:0/target11:0:0/11:0:0:0/block/sdz")
	found := discover(t, answers{}, slices.Concat(reader, dead, pmem, sas)...)
	if d := found["sdx"]; d.Excluded != "empty card reader" || d.Bus != api.BusUSB {
		t.Errorf("card reader: %+v", d)
	}
	if d, ok := found["sdy"]; !ok || d.Excluded != "" {
		t.Errorf("a dead drive must not pass unseen: %+v", d)
	}
	if d, ok := found["pmem0"]; !ok || d.Bus != api.BusUnknown || d.Excluded != "" {
		t.Errorf("storage on an unknown bus must not pass unseen: %+v", d)
	}
	if d := found["sdz"]; d.Bus != api.BusSAS {
		t.Errorf("SAS: %+v", d)
	}
}

func TestNVMeDriveWithoutNamespaceIsListed(t *testing.T) {
	const at = "devices/pci0000:00/0000:00:1d.0/nvme/nvme9"
	found := discover(t, answers{}, "L class/nvme/nvme9 ../../"+at, "F "+at+`/transport "pcie\n"`,
		"F "+at+`/model "Detached \n"`, "F "+at+`/serial "S9\n"`,
		"L class/nvme/nvme0 ../../devices/pci0000:00/0000:00:02.0/nvme/nvme0",
		"L class/nvme/nvme3 ../../devices/pci0000:00/0000:00:05.0/nvme/nvme3")
	d, ok := found["nvme9"]
	if !ok || d.SizeBytes != 0 || d.Excluded != "" || d.Model != "Detached" || d.Location != "pci0000:00/0000:00:1d.0/nvme" {
		t.Errorf("%+v", d)
	}
	for _, node := range []string{"nvme0", "nvme3"} {
		if _, ok := found[node]; ok {
			t.Errorf("%s has a namespace and is listed twice", node)
		}
	}
}

func TestNVMeAdvertises(t *testing.T) {
	m := lab.New()
	m.AddNVMe(lab.NVMe{OACS: 0x10a, FNA: 5, SANICAP: 3, Unallocated: 1 << 20, Namespaces: []lab.Namespace{
		{Bytes: 48 << 20, Metadata: 8, Protection: 9}, {Bytes: 1 << 20, Inactive: true}}})
	admin, err := m.Admin(m.Drives()[0])
	if err != nil {
		t.Fatal(err)
	}
	got := discover(t, answers{nvme: map[string]nvme.Transport{"nvme0": admin}})["nvme0n1"].NVMe
	want := api.NVMe{Controller: "nvme0", NSID: 1, Namespaces: 1, Allocated: 2, OACS: 0x10a, FNA: 5, SANICAP: 3,
		LBADataSize: 512, Metadata: 8, Protection: 9, TotalBytes: 50 << 20, UnallocByte: 1 << 20}
	if got == nil || *got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestDuplicates(t *testing.T) {
	a := api.Drive{Node: "sda", Bus: api.BusATA, Model: "M", Serial: "1", WWN: "naa.1", SizeBytes: 9}
	same, bigger, other, optical := a, a, a, a
	same.Node = "sdb"
	bigger.SizeBytes = 10 // the same name in two sizes is a lie as well
	other.WWN, other.Serial = "naa.2", "2"
	optical.Excluded = "optical drive"
	zero1, zero2 := other, other
	zero1.WWN, zero2.WWN = "", ""
	zero1.EUI64, zero2.EUI64, zero2.Serial = "0000000000000000", "0000000000000000", "3"
	for name, c := range map[string]struct {
		drives []api.Drive
		want   int
	}{
		"same":     {[]api.Drive{a, same}, 1},
		"one name": {[]api.Drive{a, bigger}, 2},
		"apart":    {[]api.Drive{a, other}, 0},
		"excluded": {[]api.Drive{a, optical}, 0},
		"zeros":    {[]api.Drive{zero1, zero2}, 0},
	} {
		if got := drive.Duplicates(c.drives); len(got) != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
