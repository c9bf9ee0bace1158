// Package plan turns an inventory, a profile and an approval into the work on
// each drive. It is pure.
package plan

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"regain.example/agent/api"
	"regain.example/imager"
)

// What stands against a plan. Each is wrapped with the drive and what to do.
var (
	ErrNoDrive   = errors.New("no drive")
	ErrDuplicate = errors.New("two drives share one identity")
	ErrReadOnly  = errors.New("drive is read-only")
	ErrBus       = errors.New("drive is not on a local bus")
	ErrSize      = errors.New("drive tells no size")
	ErrDrives    = errors.New("other drives than approved")
)

// Drives splits the devices of an inventory into those that the profile erases
// and those that are left alone, with the reason. Errors wrap ErrNoDrive,
// ErrDuplicate, ErrReadOnly, ErrBus or ErrSize.
func Drives(inv api.Inventory, p imager.Profile) (work []api.Drive, left []imager.LeftDrive, err error) {
	seen := map[api.DriveID]bool{}
	for _, d := range inv.Drives {
		if d.Excluded != "" {
			left = append(left, imager.LeftDrive{Drive: d, Why: d.Excluded})
			continue
		}
		if seen[d.ID()] {
			return nil, nil, fmt.Errorf("%w: %s (%s): unplug one of them", ErrDuplicate, Name(d), d.Node)
		}
		seen[d.ID()] = true
		if p.ExcludeRemovable && d.Removable {
			left = append(left, imager.LeftDrive{Drive: d, Why: "removable"})
			continue
		}
		if err := erasable(d); err != nil {
			return nil, nil, err
		}
		work = append(work, d)
	}
	if len(work) == 0 {
		return nil, left, fmt.Errorf("%w was found to erase: check cables, and the storage mode (RAID, Intel RST) in the firmware's setup", ErrNoDrive)
	}
	return work, left, nil
}

func erasable(d api.Drive) error {
	switch {
	case d.ReadOnly:
		return fmt.Errorf("%w: %s (%s): lift its write protection, or remove it", ErrReadOnly, Name(d), d.Node)
	case !localBus(d.Bus):
		return fmt.Errorf("%w: %s (%s) is on %q: remove it", ErrBus, Name(d), d.Node, d.Bus)
	case d.SizeBytes == 0 || d.LogicalSector == 0:
		return fmt.Errorf("%w: %s (%s) cannot be erased as it is: repair or remove it", ErrSize, Name(d), d.Node)
	}
	return nil
}

func localBus(b api.Bus) bool {
	switch b {
	case api.BusNVMe, api.BusATA, api.BusSCSI, api.BusSAS, api.BusUSB, api.BusMMC, api.BusVirtio:
		return true
	}
	return false
}

// Present returns the identities that make up the set of drives of a machine:
// all devices that the agent did not exclude, sorted.
func Present(inv api.Inventory) []api.DriveID {
	var ids []api.DriveID
	for _, d := range inv.Drives {
		if d.Excluded == "" {
			ids = append(ids, d.ID())
		}
	}
	slices.Sort(ids)
	return ids
}

// Approved checks that an operator named every drive to be erased, once, and
// nothing that the machine does not have. A removable drive that the profile
// leaves alone may be named: less is erased then than was approved, and the job
// lists it. The error wraps ErrDrives.
func Approved(work []api.Drive, left []imager.LeftDrive, named []api.DriveID) error {
	want := slices.Sorted(slices.Values(named))
	for i := 1; i < len(want); i++ {
		if want[i] == want[i-1] {
			return fmt.Errorf("%w: %s is named twice", ErrDrives, want[i])
		}
	}
	for _, id := range want {
		known := slices.ContainsFunc(work, func(d api.Drive) bool { return d.ID() == id }) ||
			slices.ContainsFunc(left, func(l imager.LeftDrive) bool { return l.Drive.Excluded == "" && l.Drive.ID() == id })
		if !known {
			return fmt.Errorf("%w: %s is not a drive of this machine: look at it again", ErrDrives, id)
		}
	}
	for _, d := range work {
		if !slices.Contains(want, d.ID()) {
			return fmt.Errorf("%w: %s (%s) is present and was not approved: look at the machine again", ErrDrives, Name(d), d.Node)
		}
	}
	return nil
}

// Changed says in words how the set of drives differs from the one before, or ""
// if it does not. Names of nodes do not count.
func Changed(before, now []api.Drive) string {
	var said []string
	gone, came := without(before, now), without(now, before)
	for _, d := range gone {
		if j := samePlace(d, came); j >= 0 {
			said = append(said, fmt.Sprintf("drive %s was changed: it is now %s", Name(d), Name(came[j])))
			came = slices.Delete(came, j, j+1)
			continue
		}
		said = append(said, fmt.Sprintf("drive %s was removed", Name(d)))
	}
	for _, d := range came {
		said = append(said, fmt.Sprintf("drive %s was added", Name(d)))
	}
	return strings.Join(said, "; ")
}

// without returns the drives of a, excluded ones aside, that are not in b. Each
// drive of b stands for one of a only, so that a doubled identity is a change.
func without(a, b []api.Drive) []api.Drive {
	left := map[api.DriveID]int{}
	for _, d := range b {
		if d.Excluded == "" {
			left[d.ID()]++
		}
	}
	var rest []api.Drive
	for _, d := range a {
		if d.Excluded != "" {
			continue
		}
		if left[d.ID()] > 0 {
			left[d.ID()]--
			continue
		}
		rest = append(rest, d)
	}
	return rest
}

func samePlace(d api.Drive, in []api.Drive) int {
	return slices.IndexFunc(in, func(o api.Drive) bool { return d.Location != "" && o.Location == d.Location })
}

// Name is what people call a drive: model, serial, and size in decimal units.
func Name(d api.Drive) string {
	var words []string
	if d.Model != "" {
		words = append(words, d.Model)
	}
	if d.Serial != "" {
		words = append(words, "serial "+d.Serial)
	} else if d.Location != "" {
		words = append(words, "without serial, at "+d.Location)
	}
	return strings.Join(append(words, Size(d.SizeBytes)), ", ")
}

// Size writes bytes in the decimal units that stand on drives.
func Size(n uint64) string {
	switch {
	case n >= 1e12:
		return fmt.Sprintf("%.1f TB", float64(n)/1e12)
	case n >= 1e9:
		return fmt.Sprintf("%.1f GB", float64(n)/1e9)
	}
	return fmt.Sprintf("%.1f MB", float64(n)/1e6)
}
