package install

import (
	"fmt"
	"slices"

	"regain.example/agent/api"
	"regain.example/agent/drive"
	"regain.example/images/manifest"
)

// fits refuses, before any write, an image that this machine or drive cannot
// carry.
func fits(m manifest.Manifest, job Job) error {
	d := job.Drive
	if id := d.ID(); id != job.Order.Drive {
		return refuse(ErrDrive, "the drive %s is not the one to be installed: restart the machine, so that its drives are found again", d.Node)
	}
	if err := boots(m, job.Firmware); err != nil {
		return err
	}
	if m.LogicalSector != d.LogicalSector {
		return refuse(ErrSector, "the image %s is made for drives with sectors of %d bytes, this drive has sectors of %d bytes: choose an image made for them, or another drive",
			m.Name, m.LogicalSector, d.LogicalSector)
	}
	if need := max(m.MinDriveBytes, m.RawBytes); d.SizeBytes < need {
		return refuse(ErrTooSmall, "the drive holds %s, the image %s needs %s: put in a larger drive or choose another image",
			gigabytes(d.SizeBytes), m.Name, gigabytes(need))
	}
	if m.Identity == manifest.IdentityNoCloud && len(job.Order.Seed) == 0 {
		return refuse(ErrSeed, "the image %s takes its identity from a seed, but the order brings none: check the profile", m.Name)
	}
	if m.Identity == manifest.IdentityNone && len(job.Order.Seed) > 0 {
		return refuse(ErrSeed, "the order brings an identity, but the image %s has no place for it: check the profile", m.Name)
	}
	return nil
}

// boots reports whether the image boots on this kind of firmware. A kind that is
// not known is none that the image boots on.
func boots(m manifest.Manifest, fw api.Firmware) error {
	kind, name := manifest.Firmware(""), "firmware of an unknown kind"
	switch {
	case fw.Kind == api.FirmwareUEFI && fw.SecureBoot:
		kind, name = manifest.SecureBoot, "UEFI with Secure Boot on"
	case fw.Kind == api.FirmwareUEFI:
		kind, name = manifest.UEFI, "UEFI"
	case fw.Kind == api.FirmwareBIOS:
		kind, name = manifest.BIOS, "BIOS"
	}
	if slices.Contains(m.Firmware, kind) {
		return nil
	}
	return refuse(ErrFirmware, "the image %s does not boot on this machine (%s), only on %v: choose another image, or change the firmware's settings",
		m.Name, name, m.Firmware)
}

// matches holds the opened device against what was found of it before.
func matches(dev drive.Device, d api.Drive) error {
	if uint64(dev.Size()) != d.SizeBytes || uint32(dev.LogicalSector()) != d.LogicalSector {
		return refuse(ErrDrive, "the drive %s says now that it has %d bytes in sectors of %d, before it was %d in sectors of %d: replace it",
			d.Node, dev.Size(), dev.LogicalSector(), d.SizeBytes, d.LogicalSector)
	}
	return nil
}

// gigabytes is how the makers of drives print sizes.
func gigabytes(n uint64) string { return fmt.Sprintf("%.1f GB", float64(n)/1e9) }
