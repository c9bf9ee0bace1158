package inventory

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"regain.example/agent/api"
)

// ataLine makes the lines of a device on an ATA link, as the kernel's transport
// classes show them (Linux Documentation/ABI/testing/sysfs-ata).
func ataLine(port int, link, device, class, speed string) []string {
	dir := fmt.Sprintf("devices/pci0000:00/0000:00:1f.2/ata%d/%s", port, link)
	return []string{
		"L class/ata_device/" + device + " ../../" + dir + "/" + device + "/ata_device/" + device,
		"F " + dir + "/" + device + "/ata_device/" + device + `/class "` + class + `\n"`,
		"F " + dir + "/ata_link/" + link + `/sata_spd "` + speed + `\n"`,
		fmt.Sprintf("F devices/pci0000:00/0000:00:1f.2/ata%d/ata_port/ata%d/port_no \"%d\\n\"", port, port, port),
	}
}

func TestATAPorts(t *testing.T) {
	inv := storageOf(t,
		ataLine(1, "link1", "dev1.0", "ata", "1.5 Gbps"),        // sda
		ataLine(2, "link2", "dev2.0", "atapi", "1.5 Gbps"),      // sr0
		ataLine(3, "link3", "dev3.0", "ata", "<unknown>"),       // sdb, as if on a PATA port
		ataLine(3, "link3", "dev3.1", "ata", "<unknown>"),       // given up by the kernel
		ataLine(4, "link4", "dev4.0", "none", "6.0 Gbps"),       // never said what it is
		ataLine(5, "link5", "dev5.0", "none", "<unknown>"),      // an empty port
		ataLine(6, "link6", "dev6.0", "pmp", "3.0 Gbps"),        // a multiplier,
		ataLine(6, "link6.2", "dev6.2.0", "ata", "3.0 Gbps"),    // and what is on it
		ataLine(7, "link7", "dev7.0", "semb", "3.0 Gbps"),       // an enclosure
		ataLine(8, "link8", "dev8.0", "unknown", ""),            // nothing is told
		ataLine(9, "link9", "nodevice", "ata", "3.0 Gbps"),      // not a name of the kernel's
		[]string{"L class/ata_device/dev99.0 ../../devices/no"}, // gone while we looked
	)
	want := []api.StorageDevice{
		{Address: "0000:00:1f.2 port 1 device 0", Name: "disk", State: "1.5 Gbps", Drives: []string{"sda"}},
		{Address: "0000:00:1f.2 port 3 device 0", Name: "disk", Drives: []string{"sdb"}},
		{Address: "0000:00:1f.2 port 3 device 1", Name: "disk"},
		{Address: "0000:00:1f.2 port 4 device 0", Name: "device that does not answer", State: "6.0 Gbps"},
		{Address: "0000:00:1f.2 port 6 multiplier port 2", Name: "disk", State: "3.0 Gbps"},
	}
	var got []api.StorageDevice
	for _, d := range inv.Storage {
		if d.Kind == api.StorageATA {
			d.Kind = ""
			got = append(got, d)
		}
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v\nwant %+v", got, want)
	}
}

// scsiLine makes the lines of a SCSI device without a block device.
func scsiLine(address, kind, state string) []string {
	target := "6:0:" + strings.Split(address, ":")[2]
	dir := "devices/pci0000:00/0000:00:07.0/virtio1/host6/target" + target + "/" + address
	return []string{
		"L class/scsi_device/" + address + " ../../" + dir + "/scsi_device/" + address,
		"L " + dir + "/scsi_device/" + address + "/device ../../../" + address,
		"F " + dir + `/type "` + kind + `\n"`,
		"F " + dir + `/vendor "ACME    \n"`,
		"F " + dir + `/model "DISK 1          \n"`,
		"F " + dir + `/state "` + state + `\n"`,
	}
}

func TestSCSIDisksWithoutNode(t *testing.T) {
	shows := "devices/pci0000:00/0000:00:07.0/virtio1/host6/target6:0:0/6:0:0:0"
	inv := storageOf(t,
		scsiLine("6:0:7:0", "0", "offline"),
		scsiLine("6:0:8:0", "13", "running"), // an enclosure
		scsiLine("6:0:9:0", "14", "running"),
		[]string{ // a disk that shows its node
			"L class/scsi_device/6:0:0:0 ../../" + shows + "/scsi_device/6:0:0:0",
			"L " + shows + "/scsi_device/6:0:0:0/device ../../../6:0:0:0",
		},
	)
	want := []api.StorageDevice{
		{Kind: api.StorageSCSI, Address: "6:0:7:0", Name: "ACME DISK 1", State: "offline"},
		{Kind: api.StorageSCSI, Address: "6:0:9:0", Name: "ACME DISK 1", State: "running"},
	}
	if !reflect.DeepEqual(inv.Storage, want) {
		t.Errorf("%+v\nwant %+v", inv.Storage, want)
	}
}
