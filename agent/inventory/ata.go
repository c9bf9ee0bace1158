package inventory

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"regain.example/agent/api"
)

// ataDevice is the name of a device on a link: of a port ("dev3.1": port 3,
// device 1), or of a port of a multiplier ("dev3.2.0": port 3, multiplier port
// 2).
var ataDevice = regexp.MustCompile(`^dev\d+\.(\d+)(\.0)?$`)

// ataStorage lists what is connected to SATA and PATA ports (Linux
// Documentation/ABI/testing/sysfs-ata): disks, which keep their class when the
// kernel gives them up, and what does not say what it is although its link is up.
// Optical drives, multipliers and enclosures are not listed.
func (m Machine) ataStorage(drives []api.Drive) []api.StorageDevice {
	entries, err := os.ReadDir(filepath.Join(m.Sys, "class/ata_device"))
	if err != nil {
		return nil // no ATA controller
	}
	var found []api.StorageDevice
	for _, e := range entries {
		dir, err := filepath.EvalSymlinks(filepath.Join(m.Sys, "class/ata_device", e.Name()))
		if err != nil {
			continue
		}
		link := filepath.Dir(filepath.Dir(filepath.Dir(dir))) // .../ata3/link3/dev3.0/ata_device/dev3.0
		speed := strings.Trim(text(filepath.Join(link, "ata_link", filepath.Base(link), "sata_spd")), "<>")
		if speed == "unknown" {
			speed = "" // no link, or not a serial one
		}
		name := "disk"
		switch text(filepath.Join(dir, "class")) {
		case "ata", "zac":
		case "none", "unknown":
			name = "device that does not answer"
			if speed == "" {
				continue
			}
		default:
			continue
		}
		if at, behind, ok := ataPlace(link, e.Name()); ok {
			found = append(found, api.StorageDevice{
				Kind: api.StorageATA, Address: at, Name: name, State: speed, Drives: nodesAt(drives, behind),
			})
		}
	}
	return found
}

// ataPlace returns where a device is for a person, and the part of the location
// that its drive has.
func ataPlace(link, device string) (at, behind string, ok bool) {
	id := ataDevice.FindStringSubmatch(device)
	port := filepath.Dir(link)
	controller := filepath.Base(filepath.Dir(port))
	number := text(filepath.Join(port, "ata_port", filepath.Base(port), "port_no"))
	if id == nil || number == "" || !pciAddress.MatchString(controller) {
		return "", "", false
	}
	at = fmt.Sprintf("%s port %s device %s", controller, number, id[1])
	scsi := "0:" + id[1] + ":0"
	if id[2] != "" {
		at = fmt.Sprintf("%s port %s multiplier port %s", controller, number, id[1])
		scsi = id[1] + ":0:0"
	}
	return at, fmt.Sprintf("/%s/ata-port%s/scsi-%s/", controller, number, scsi), true
}

// nodesAt lists the nodes of the drives whose location holds a part.
func nodesAt(drives []api.Drive, part string) []string {
	var nodes []string
	for _, d := range drives {
		if strings.Contains("/"+d.Location+"/", part) {
			nodes = append(nodes, d.Node)
		}
	}
	return nodes
}
