package inventory

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"regain.example/agent/api"
)

// scsiDisks are the peripheral device types that hold data for good (T10 SPC-4
// section 6.6.2, table "PERIPHERAL DEVICE TYPE field"): direct access, write
// once, optical memory, simplified direct access.
var scsiDisks = []string{"0", "4", "7", "14"}

// onATA finds the disks of libata among the SCSI devices: ataStorage has them.
var onATA = regexp.MustCompile(`/ata\d+/`)

// scsiStorage lists the SCSI disks that show no block device: the kernel has
// met them, and they or it do not go further.
func (m Machine) scsiStorage() []api.StorageDevice {
	entries, err := os.ReadDir(filepath.Join(m.Sys, "class/scsi_device"))
	if err != nil {
		return nil // no SCSI host
	}
	var found []api.StorageDevice
	for _, e := range entries {
		dir, err := filepath.EvalSymlinks(filepath.Join(m.Sys, "class/scsi_device", e.Name(), "device"))
		if err != nil || onATA.MatchString(dir) || !slices.Contains(scsiDisks, text(filepath.Join(dir, "type"))) {
			continue
		}
		if nodes, _ := filepath.Glob(filepath.Join(dir, "block/*")); len(nodes) > 0 {
			continue
		}
		maker, model := text(filepath.Join(dir, "vendor")), text(filepath.Join(dir, "model"))
		found = append(found, api.StorageDevice{
			Kind: api.StorageSCSI, Address: e.Name(), Name: strings.TrimSpace(maker + " " + model),
			State: text(filepath.Join(dir, "state")),
		})
	}
	return found
}
