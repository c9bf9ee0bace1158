package plan

import (
	"errors"
	"fmt"
	"slices"

	"regain.example/agent/api"
	"regain.example/images/manifest"
)

// What stands between an image and a machine.
var (
	ErrFirmware = errors.New("image does not boot on this firmware")
	ErrSector   = errors.New("image is for another sector size")
	ErrTooSmall = errors.New("drive is too small for the image")
	ErrSystem   = errors.New("no such drive for the image")
)

// Firmware checks that the image boots as the machine was booted. The error
// wraps ErrFirmware.
func Firmware(f api.Firmware, m manifest.Manifest) error {
	var need manifest.Firmware
	advice := "choose another image"
	switch {
	case f.Kind == api.FirmwareBIOS:
		need, advice = manifest.BIOS, "choose another image, or switch the machine's firmware to UEFI and boot it again"
	case f.Kind == api.FirmwareUEFI && f.SecureBoot:
		need, advice = manifest.SecureBoot, "choose another image, or switch Secure Boot off and boot it again"
	case f.Kind == api.FirmwareUEFI:
		need, advice = manifest.UEFI, "choose another image, or switch the firmware to legacy BIOS and boot it again"
	default:
		return fmt.Errorf("%w: image %s: the machine does not tell its firmware's kind (%q)", ErrFirmware, m.Name, f.Kind)
	}
	if !slices.Contains(m.Firmware, need) {
		return fmt.Errorf("%w: image %s is not made for %s: %s", ErrFirmware, m.Name, need, advice)
	}
	return nil
}

// System chooses the drive that gets the image: the one wanted, if any, else the
// smallest solid-state drive that the image fits on, else the smallest such
// drive. Removable and USB drives are chosen only when wanted. Errors wrap
// ErrSystem, ErrSector or ErrTooSmall.
func System(work []api.Drive, m manifest.Manifest, want api.DriveID) (api.DriveID, error) {
	if want != "" {
		i := slices.IndexFunc(work, func(d api.Drive) bool { return d.ID() == want })
		if i < 0 {
			return "", fmt.Errorf("%w: %s is not among the drives to be erased", ErrSystem, want)
		}
		return want, fits(work[i], m)
	}
	var best *api.Drive
	why := fmt.Errorf("%w: only removable drives are present", ErrSystem)
	for i, d := range work {
		if d.Removable || d.Bus == api.BusUSB {
			continue
		}
		if err := fits(d, m); err != nil {
			why = err
			continue
		}
		if best == nil || better(d, *best) {
			best = &work[i]
		}
	}
	if best == nil {
		return "", why
	}
	return best.ID(), nil
}

func better(a, b api.Drive) bool {
	if a.Rotational != b.Rotational {
		return !a.Rotational
	}
	return a.SizeBytes < b.SizeBytes
}

func fits(d api.Drive, m manifest.Manifest) error {
	need := max(m.MinDriveBytes, m.RawBytes)
	switch {
	case d.LogicalSector != m.LogicalSector:
		return fmt.Errorf("%w: image %s has sectors of %d bytes, drive %s of %d: choose an image made for it", ErrSector, m.Name, m.LogicalSector, Name(d), d.LogicalSector)
	case d.SizeBytes < need:
		return fmt.Errorf("%w: image %s needs %s (%d bytes), drive %s has %d bytes: fit a larger drive", ErrTooSmall, m.Name, Size(need), need, Name(d), d.SizeBytes)
	}
	return nil
}
